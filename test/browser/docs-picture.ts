import { copyFileSync } from "node:fs";
import { PAGE_HEADERS } from "../../shared/report/page/page.ts";
import { statesIn } from "../stories/seen.ts";
import { openPools, until } from "../stories/state-scenarios.ts";
import { openBrowser } from "./browser.ts";

const REPLACED = 3;

/** `npm run picture` makes docs/status.png: the top of the status page while AKS upgrades a pool, as a story has it. */
const passes = await openPools({}, [{ count: 12 }, { count: 20 }]);
const { arm, cluster } = passes.world;
await until(passes, (seen) => statesIn(seen).every((state) => state === "covered"));
await arm.aks.upgrade(cluster.id, "win1", { image: "20348.9999" });
const isWaiting = (state: string): boolean => state === "waiting-for-aks";
const seen = await until(passes, (each) => statesIn(each).filter(isWaiting).length >= REPLACED);

const browser = await openBrowser();
const view = { name: "docs", width: 1000, height: 180, scheme: "light" } as const;
const { picture } = await browser.look({ html: seen.page, headers: PAGE_HEADERS }, view);
copyFileSync(picture, new URL("../../docs/status.png", import.meta.url));
await browser.close();
await passes.world.stop();
process.exit();
