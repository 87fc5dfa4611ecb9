import { afterEach, expect, test } from "vitest";
import { makePackage, publish } from "../packages.ts";
import { openPasses, type Passes } from "../passes.ts";
import type { PoolSpec } from "../simulators/arm/world.ts";
import { SHOP, type WorldOptions } from "../world.ts";
import { failRuns } from "./failing-runs.ts";
import { problemIn, see, type Seen, statesIn } from "./seen.ts";

let passes: Passes | undefined;
afterEach(async () => {
  await passes?.world.stop();
  passes = undefined;
});

async function open(options: WorldOptions = {}, pools: readonly Partial<PoolSpec>[] = [{}]): Promise<Passes> {
  const specs = pools.map((pool, index): PoolSpec => {
    return { name: `win${index + 1}`, os: "Windows", count: 2, image: "20348.3000", ...pool };
  });
  passes = await openPasses({ cluster: { ...SHOP, pools: specs }, ...options });
  return passes;
}

/** Lives through some minutes, with a pass of the endpoints flow in each. */
async function live({ live: liveOn, publish: publishNow }: Passes, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    await liveOn(1);
    await publishNow();
  }
}

/** Lives on, for at most half an hour, until what a person sees fits. */
async function until(opened: Passes, fits: (seen: Seen) => boolean): Promise<Seen> {
  for (let minute = 0; minute < 30; minute++) {
    await live(opened, 1);
    const seen = await see(opened);
    if (fits(seen)) return seen;
  }
  throw new Error(`not seen: ${fits.toString()}`);
}

test("installing, then covered: the first install, and every node is well", async () => {
  const opened = await open();
  const during = await until(opened, (seen) => statesIn(seen).includes("installing"));
  expect(during).toMatchObject({ level: "working", headline: "2 of 2 Windows nodes have no metrics", problems: [] });
  await live(opened, 20);
  const after = await see(opened);
  expect(statesIn(after)).toEqual(["covered", "covered"]);
  expect(after).toMatchObject({ code: 200, level: "well", headline: "All 2 Windows nodes have metrics", problems: [] });
  expect(after.nodes[0]).toMatchObject({
    published: { state: "ready", endpoint: expect.stringMatching(/:9182$/) },
    package: opened.world.package.hash,
  });
  expect(after.timeline.map(({ text }) => text)).toContainEqual(
    expect.stringMatching(/^Every node of win1 has an exporter, after \d+ min; \d+ node-minutes were blind\.$/),
  );
});

test("planned: MODE=observe withholds it, and the page does not say that it heals by itself", async () => {
  const opened = await open({ settings: { MODE: "observe" } });
  await live(opened, 60);
  const seen = await see(opened);
  expect(statesIn(seen)).toEqual(["planned", "planned"]);
  expect(seen).toMatchObject({ level: "waiting", headline: "2 of 2 Windows nodes have no metrics" });
  expect(problemIn(seen, "observe-only")).toMatchObject({
    healsItself: false,
    nodes: ["akswin1000000", "akswin1000001"],
  });
  expect(seen.page).toContain("does not heal by itself");
  expect(seen.page).not.toMatch(/(app|heals|goes on) by itself/);
});

test("failed: with the cause and the time of the next try", async () => {
  const opened = await open();
  failRuns(opened.world.dsc, "download");
  await live(opened, 12);
  const seen = await see(opened);
  expect(statesIn(seen)).toContain("failed");
  const problem = problemIn(seen, "cause-download");
  expect(problem).toMatchObject({ level: "trouble", healsItself: true });
  expect(Date.parse(problem.nextTryAt ?? "")).toBeGreaterThan(opened.world.clock.now());
  expect(seen.level).toBe("trouble");
});

test("waiting-for-aks: nodes that AKS replaced are not green, and the page says since when AKS works", async () => {
  const opened = await open();
  await live(opened, 20);
  await opened.world.arm.aks.upgrade(opened.world.cluster.id, "win1", { image: "20348.9999" });
  const seen = await until(opened, (each) => statesIn(each).includes("waiting-for-aks"));
  expect(seen.level).toBe("waiting");
  expect(problemIn(seen, "aks-busy")).toMatchObject({ healsItself: true, message: expect.stringContaining("win1") });
  expect(seen.summary[0]).toMatch(/waits? for AKS: AKS has an operation in progress, since \d\d:\d\d UTC\./);
  await live(opened, 60);
  const after = await see(opened);
  expect(statesIn(after)).toEqual(["covered", "covered"]);
  const told = after.timeline.map(({ text }) => text).join("\n");
  expect(told).toMatch(/The extension was dropped from win1, after this operation of AKS: pool win1 is/);
  expect(told).toMatch(/AKS replaced akswin100000\d.* in win1; the exporter is gone/);
  expect(told).toMatch(/The app wrote the extension into the model of win1 \(missing/);
});

test("not-running and excluded: they are counted apart", async () => {
  const opened = await open({ settings: { SCRAPE_SOURCES: "win2=off" } }, [{}, { count: 1 }]);
  await live(opened, 20);
  await opened.world.arm.actors.evict("akswin1", "1", "Deallocate");
  await live(opened, 20);
  const seen = await see(opened);
  expect(statesIn(seen)).toEqual(["covered", "not-running", "excluded"]);
  expect(seen).toMatchObject({ level: "well", headline: "The Windows node has metrics" });
});

test("outdated: the canary gets another package first, and the others keep theirs", async () => {
  const opened = await open({}, [{ count: 4 }]);
  await live(opened, 20);
  await publish(opened.world.packageContainer, makePackage("0.31.9"));
  failRuns(opened.world.dsc, "package");
  await live(opened, 40);
  const seen = await see(opened);
  expect(statesIn(seen).filter((state) => state === "outdated")).toHaveLength(3);
  expect(statesIn(seen)).toContain("failed");
  expect(seen.headline).toBe("All 4 Windows nodes have metrics");
  expect(seen.level).toBe("trouble");
});

test("blind: the Service is gone, and no page is green; it tells why and since when", async () => {
  const opened = await open();
  await live(opened, 20);
  await opened.world.kube.delete("Service", "windows-exporter");
  for (const kind of ["Endpoints", "EndpointSlice"] as const) {
    for (const { metadata } of await opened.world.kube.list(kind)) await opened.world.kube.delete(kind, metadata.name);
  }
  const gone = opened.world.clock.now();
  await live(opened, 2);
  expect((await see(opened)).level).toBe("trouble");
  await live(opened, 40);
  const seen = await see(opened);
  expect(statesIn(seen)).toEqual(["blind", "blind"]);
  expect(seen.headline).toBe("2 of 2 Windows nodes have no metrics");
  const problem = problemIn(seen, "service-missing");
  expect(problem).toMatchObject({ level: "trouble", healsItself: false, nodes: ["akswin1000000", "akswin1000001"] });
  expect(Date.parse(problem.since) - gone).toBeLessThan(3 * 60_000);
});

test("blind: where the app is denied, each node without an exporter is trouble, since it has none", async () => {
  const opened = await open({
    assignments: (granted) =>
      granted.map((each) => ({
        ...each,
        actions: each.actions.filter((action) => !action.endsWith("/extensions/write")),
      })),
  });
  await live(opened, 45);
  const seen = await see(opened);
  expect(statesIn(seen)).toEqual(["blind", "blind"]);
  expect(seen).toMatchObject({ level: "trouble", headline: "2 of 2 Windows nodes have no metrics" });
  const problem = problemIn(seen, "denied");
  expect(opened.world.clock.now() - Date.parse(problem.since)).toBeGreaterThan(40 * 60_000);
  expect(problem.nodes).toHaveLength(2);
});
