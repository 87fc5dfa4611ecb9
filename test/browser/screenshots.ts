import { copyFileSync } from "node:fs";
import { PAGE_HEADERS } from "../../shared/report/page/page.ts";
import { startSandbox } from "../sandbox/started-sandbox.ts";
import { statesIn } from "../stories/seen.ts";
import { openPools, until } from "../stories/state-scenarios.ts";
import { openBrowser, type View } from "./browser.ts";

/**
 * `npm run screenshots` makes the pictures of docs/ from the real pages: the status page while AKS upgrades a pool, in a
 * light and a dark window and on a phone, and the sandbox's page at such a moment.
 */
const REPLACED = 3;
/** A picture has four times the height of its window. */
const STATUS: readonly View[] = [
  { name: "status", width: 1000, height: 180, scheme: "light" },
  { name: "status-dark", width: 1000, height: 180, scheme: "dark" },
  { name: "status-phone", width: 390, height: 211, scheme: "light" },
];
const SANDBOX: View = { name: "sandbox", width: 1280, height: 335, scheme: "light" };

const browser = await openBrowser();
const copy = (picture: string, { name }: View): void =>
  copyFileSync(picture, new URL(`../../docs/${name}.png`, import.meta.url));

async function pictureStatus(): Promise<void> {
  const passes = await openPools({}, [{ count: 12 }, { count: 20 }]);
  const { arm, cluster } = passes.world;
  await until(passes, (seen) => statesIn(seen).every((state) => state === "covered"));
  await arm.aks.upgrade(cluster.id, "win1", { image: "20348.9999" });
  const seen = await until(
    passes,
    (each) => statesIn(each).filter((state) => state === "waiting-for-aks").length >= REPLACED,
  );
  for (const view of STATUS) copy((await browser.look({ html: seen.page, headers: PAGE_HEADERS }, view)).picture, view);
  await passes.world.stop();
}

async function pictureSandbox(): Promise<void> {
  const sandbox = startSandbox(["--no-story"]);
  const [, url = ""] = await sandbox.printed(/Sandbox: +(\S+)/);
  await sandbox.printed(/Every step converged/);
  const call = (path: string, body: object): Promise<Response> =>
    fetch(url + path, { method: "POST", body: JSON.stringify(body) });
  await call("/world/rest", { until: "app" });
  await call("/world/clock", { advance: "PT2M" });
  await call("/world/pools/win1/upgrade", { image: "20348.9999" });
  await call("/world/speed", { speed: 1 });
  await call("/world/clock", { advance: "PT12M" });
  await browser.look(new URL(url), SANDBOX);
  await browser.tab.getByText("image 20348.9999, no exporter").first().waitFor();
  copy((await browser.lookAgain(SANDBOX)).picture, SANDBOX);
  await sandbox.stop();
}

await pictureSandbox();
await pictureStatus();
await browser.close();
process.exit();
