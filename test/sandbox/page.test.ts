import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Browser, CHROME_PATH, openBrowser, type View } from "../browser/browser.ts";
import { expectFine } from "../browser/expect-fine.ts";
import { packCopy } from "../package/project-copy.ts";
import { buttonsOf } from "./action.ts";
import { SECTIONS } from "./actions.ts";
import { type StartedSandbox, startSandbox } from "./started-sandbox.ts";

const VIEWS: readonly View[] = [1280, 390].flatMap((width) =>
  (["light", "dark"] as const).map((scheme) => ({ name: "sandbox", width, height: 900, scheme })),
);
const WIDE: View = { name: "sandbox", width: 1280, height: 900, scheme: "light" };
const LONG = { timeout: 20_000 };
const HOLDS = "Until you take it back: ";
const GONE = /^(?![^]*Until you take it back)/;

/** What the cluster's part of the page shows soon after a button, by its label. */
const SHOWN: Readonly<Record<string, RegExp>> = {
  "Scale to 5": /win1[^]*akswin1000004/,
  "Upgrade the image": /image 20348\.9999/,
  "Autoscale to 8": /win1[^]*akswin100000[78]/,
  Hang: new RegExp(`${HOLDS}AKS does not end its update`),
  "End the hanging": GONE,
  "Restart new nodes": new RegExp(`${HOLDS}AKS restarts each new node of win1`),
  "Restart none": GONE,
  Deallocate: /akswin1000000[^]*deallocated/,
  "Evict (spot)": /^(?![^]*akswin1000000)/,
  Delete: /^(?![^]*akswin1000001)/,
  "1×": /UTC, 1×/,
  "60×": /UTC, 60×/,
  "600×": /UTC, 600×/,
  "Fail requests": new RegExp(`${HOLDS}ARM answers GET .* with 500`),
  "Remove it": /win2[^]*model has (?!.*agent)/,
  "Stop overnight": /stopped[^]*deallocated/,
  "Delete the Service": new RegExp(`${HOLDS}the manifests' Service is deleted`),
  "Take a Kubernetes role away": new RegExp(`${HOLDS}the manifests' RoleBinding is deleted`),
  "Apply the manifests": GONE,
  "Lock the node resource group": new RegExp(`${HOLDS}the node resource group is locked \\(ReadOnly\\)`),
  "Remove the lock": GONE,
  "Deny the extension by policy": new RegExp(`${HOLDS}policy no-dsc: deny Microsoft\\.Powershell\\.DSC`),
  "Remove the policy": GONE,
  "Take a role away": new RegExp(`${HOLDS}app lacks a role`),
  "Give it back": GONE,
  Throttle: new RegExp(`${HOLDS}ARM throttles every request`),
  "Answer as usual": GONE,
  "Lose events": new RegExp(`${HOLDS}Event Grid loses every event`),
  "Deliver events": GONE,
  "Publish a package": /published package 0\.31\.8/,
  "Publish a bad package": /published package 0\.31\.9/,
  "Roll back": /published package 0\.31\.8/,
  "Add another team's extension": /win2[^]*model has [^]*agent/,
  "Only observe": new RegExp(`${HOLDS}the app has MODE=observe`),
  Install: GONE,
  "Skip until all is covered": /win1[^]*:9182 answers, 0\.31\.8\s+scraped[^]*win2[^]*:9182 answers, 0\.31\.8\s+scraped/,
};

const folder = mkdtempSync(join(tmpdir(), "page-"));
let sandbox: StartedSandbox;
let browser: Browser;

/** Every button of the page, in the order in which each works after the ones before it. */
const BUTTONS = Object.entries(SECTIONS).flatMap(([section, actions]) =>
  actions.flatMap((action) => buttonsOf(action).map(({ label }) => ({ section, label, isAks: action.isAks === true }))),
);

/** Clicks a button, waits for its answer, and returns that. */
async function click(section: string, label: string): Promise<string> {
  const group = browser.tab.locator(`[data-section="${section}"]`);
  await group.getByRole("button", { name: label, exact: true }).click();
  const outcome = browser.tab.locator("#outcome:not(:empty)", { hasNotText: "…" });
  return (await outcome.textContent({ timeout: 60_000 })) ?? "";
}

const shown = (id: string): Promise<string> => browser.tab.locator(`#${id}`).innerText();

describe.skipIf(CHROME_PATH === "")("the sandbox's page (needs CHROME_PATH)", () => {
  beforeAll(async () => {
    packCopy(join(folder, "project"));
    sandbox = startSandbox(["--no-story", "--app", join(folder, "project")]);
    browser = await openBrowser();
    const [, url = ""] = await sandbox.printed(/Sandbox: +(\S+)/);
    expectFine(await browser.look(new URL(url), WIDE));
    await sandbox.printed(/converged/);
  });
  afterAll(async () => {
    await browser.close();
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("it shows the cluster and the app's status as soon as they are there", async () => {
    await expect.poll(() => shown("world"), LONG).toMatch(/akswin1000000[^]*:9182 answers, 0\.31\.7/);
    await expect
      .poll(() => browser.tab.frameLocator("#status").locator("h2").innerText(), LONG)
      .toMatch(/Windows nodes/);
  });

  test.each(VIEWS)("nothing is wrong at $width pixels, $scheme, and every button can be clicked", async (view) => {
    expectFine(await browser.lookAgain(view));
    if (view.scheme === "dark") return;
    for (const button of await browser.tab.locator("button").all()) await button.click({ trial: true });
  });

  test.each(BUTTONS)("$section: $label does what it says, and the cluster's part shows it", async (button) => {
    const { section, label, isAks } = button;
    const outcome = await click(section, label);
    const told = sandbox.output().slice(-4000);
    expect({ outcome, told }).toEqual({ outcome: expect.stringContaining(`Done: ${label}.`), told });
    if (isAks) await click("time", "Skip until AKS rests");
    const part = label.endsWith("×") ? "speed" : "world";
    await expect.poll(() => shown(part), LONG).toMatch(SHOWN[label] ?? /win1|UTC/);
  });

  test("the story and the app's status have it, too", async () => {
    expect(await shown("story")).toMatch(/Time passes until every node has the package and is published/);
    await expect
      .poll(() => browser.tab.frameLocator("#status").locator("h2").innerText(), LONG)
      .toMatch(/^All \d+ Windows/);
  });

  test("a refusal is said, and a node is chosen by its tile", async () => {
    await browser.tab.getByRole("button", { name: "akswin2000001" }).click();
    expect(await click("instances", "Deallocate")).toContain("/world/instances/akswin2/1/deallocate");
    await click("pools", "Upgrade the image");
    expect(await click("cluster", "Stop overnight")).toMatch(/^Refused: Operation is not allowed/);
  });

  test.each(VIEWS)("nothing is wrong at $width pixels, $scheme, after all that", async (view) => {
    expectFine(await browser.lookAgain(view));
  });
});
