import { afterEach, expect, test } from "vitest";
import { readConfig } from "../../shared/config/config.ts";
import { createDependencies } from "../../shared/dependencies.ts";
import { extensionFlow } from "../../shared/extension/flow.ts";
import { policyOf } from "../../shared/reconcile/policy.ts";
import { reconcile } from "../../shared/reconcile/reconcile.ts";
import type { Passes } from "../passes.ts";
import { problemIn, see, type Seen, statesIn } from "./seen.ts";
import { liveMinutes, openPools, play, until } from "./state-scenarios.ts";

const MINUTE_MS = 60_000;

let passes: Passes | undefined;
afterEach(async () => {
  await passes?.world.stop();
  passes = undefined;
});

async function playOn(...[state]: Parameters<typeof play>): Promise<{ readonly opened: Passes; readonly seen: Seen }> {
  const { passes: opened, seen } = await play(state);
  passes = opened;
  return { opened, seen };
}

const ageOf = ({ world }: Passes, since: string): number => (world.clock.now() - Date.parse(since)) / MINUTE_MS;

test("installing, then covered: the first install, and every node is well", async () => {
  const { opened, seen: during } = await playOn("installing");
  expect(during).toMatchObject({ level: "working", headline: "2 of 2 Windows nodes have no metrics", problems: [] });
  const after = await until(opened, (seen) => statesIn(seen).every((state) => state === "covered"));
  expect(after).toMatchObject({ code: 200, level: "well", headline: "All 2 Windows nodes have metrics", problems: [] });
  expect(after.nodes[0]).toMatchObject({
    published: { state: "ready", endpoint: expect.stringMatching(/:9182$/) },
    package: opened.world.package.hash,
  });
  await liveMinutes(opened, 2);
  expect((await see(opened)).timeline.map(({ text }) => text)).toContainEqual(
    expect.stringMatching(/^Every node of win1 has an exporter, after \d+ min; \d+ node-minutes were blind\.$/),
  );
});

test("planned: MODE=observe withholds it, and the page does not say that it heals by itself", async () => {
  const { opened } = await playOn("planned");
  await liveMinutes(opened, 60);
  const seen = await see(opened);
  expect(statesIn(seen)).toEqual(["planned", "planned"]);
  expect(seen).toMatchObject({ level: "waiting", headline: "2 of 2 Windows nodes have no metrics" });
  const problem = problemIn(seen, "observe-only");
  expect(problem).toMatchObject({ healsItself: false, nodes: ["akswin1000000", "akswin1000001"] });
  expect(ageOf(opened, problem.since)).toBeGreaterThan(55);
  expect(seen.page).toContain("does not heal by itself");
  expect(seen.page).not.toMatch(/(app|heals|goes on) by itself/);
});

test("failed: with the cause and the time of the next try", async () => {
  const { opened, seen } = await playOn("failed");
  const problem = problemIn(seen, "cause-download");
  expect(problem).toMatchObject({ level: "trouble", healsItself: true });
  expect(ageOf(opened, problem.nextTryAt ?? "")).toBeLessThan(0);
  expect(seen.level).toBe("trouble");
});

test("waiting-for-aks: nodes that AKS replaced are not green, and the page says since when AKS works", async () => {
  const { opened, seen } = await playOn("waiting-for-aks");
  expect(seen.level).toBe("waiting");
  expect(problemIn(seen, "aks-busy")).toMatchObject({ healsItself: true, message: expect.stringContaining("win1") });
  expect(seen.summary[0]).toMatch(/waits? for AKS: AKS has an operation in progress, since \d\d:\d\d UTC\./);
  const after = await until(opened, (each) => statesIn(each).every((state) => state === "covered"));
  const told = after.timeline.map(({ text }) => text).join("\n");
  expect(told).toMatch(/The extension was dropped from win1, after this operation of AKS: pool win1 is/);
  expect(told).toMatch(/AKS replaced akswin100000\d.* in win1; the exporter is gone/);
  expect(told).toMatch(/The app wrote the extension into the model of win1 \(missing/);
});

test.each([
  { state: "not-running", others: "covered" },
  { state: "excluded", others: "covered" },
] as const)("$state: it is counted apart", async ({ state, others }) => {
  const { opened } = await playOn(state);
  const seen = await until(opened, (each) => statesIn(each).every((is) => is === state || is === others));
  expect(seen.level).toBe("well");
  expect(seen.headline).toMatch(/^(The Windows node has|All 2 Windows nodes have) metrics$/);
  expect(seen.counts[state]).toBe(1);
});

test("outdated: another package is published, and a lock denies it to all", async () => {
  const { seen } = await playOn("outdated");
  expect(statesIn(seen).every((state) => state === "outdated")).toBe(true);
  expect(seen).toMatchObject({ level: "trouble", headline: "All 4 Windows nodes have metrics" });
  problemIn(seen, "scope-locked");
});

test("queued: a new package is given to one node at a time", async () => {
  const { seen } = await playOn("queued");
  expect(seen).toMatchObject({ level: "working", headline: "2 of 2 Windows nodes have no metrics" });
  expect(seen.nodes.find(({ state }) => state === "queued")).toMatchObject({
    message: "Others are upgraded before it. 1st of 1",
    healsItself: true,
  });
});

test("held: a new package fails on its canary, and no other node gets it until it is released", async () => {
  const { opened, seen } = await playOn("held");
  expect(seen.level).toBe("trouble");
  expect(statesIn(seen).toSorted()).toEqual(["failed", "held"]);
  expect(problemIn(seen, "canary-failed").remedy?.command).toMatch(/ --rollback$/);
  const held = seen.nodes.find(({ state }) => state === "held");
  expect(held).toMatchObject({ level: "trouble", healsItself: false, reason: "package-held" });
  expect(held?.remedy?.command).toMatch(/resync\?.*release/);
  await liveMinutes(opened, 3 * 60);
  expect(statesIn(await see(opened)).toSorted()).toEqual(["failed", "held"]);
});

test("blind: the Service is gone, and no page is green; it tells why and since when", async () => {
  const { opened, seen: first } = await playOn("blind");
  expect(first.level).toBe("trouble");
  await liveMinutes(opened, 40);
  const seen = await see(opened);
  expect(statesIn(seen)).toEqual(["blind", "blind"]);
  expect(seen.headline).toBe("2 of 2 Windows nodes have no metrics");
  const problem = problemIn(seen, "service-missing");
  expect(problem).toMatchObject({ level: "trouble", healsItself: false, nodes: ["akswin1000000", "akswin1000001"] });
  expect(ageOf(opened, problem.since)).toBeGreaterThan(39);
  expect(ageOf(opened, problem.since)).toBeLessThan(44);
});

test("blind: where the app is denied, each node without an exporter is trouble, since it has none", async () => {
  passes = await openPools({
    assignments: (granted) =>
      granted.map((each) => ({
        ...each,
        actions: each.actions.filter((action) => !action.endsWith("/extensions/write")),
      })),
  });
  await liveMinutes(passes, 45);
  const seen = await see(passes);
  expect(statesIn(seen)).toEqual(["blind", "blind"]);
  expect(seen).toMatchObject({ level: "trouble", headline: "2 of 2 Windows nodes have no metrics" });
  const problem = problemIn(seen, "denied");
  expect(ageOf(passes, problem.since)).toBeGreaterThan(40);
  expect(problem.nodes).toHaveLength(2);
});

test("a link that MODE=observe does not let the app renew is trouble on its last day", async () => {
  const { opened } = await playOn("covered");
  const { world, cluster } = opened;
  const observing = createDependencies(readConfig({ ...world.settings, MODE: "observe" }));
  const request = { cause: "timer", policy: policyOf("observe"), signal: AbortSignal.timeout(60_000) } as const;
  const levels: string[] = [];
  for (let day = 1; day <= 7; day++) {
    await world.clock.advance(24 * 60 * MINUTE_MS);
    await reconcile(extensionFlow, cluster, observing, request);
    const seen = await see({ deps: observing });
    levels.push(seen.problems.find(({ title }) => title.includes("the link to the package"))?.level ?? "none");
  }
  expect(levels).toEqual(["none", "none", "none", "none", "none", "trouble", "trouble"]);
});
