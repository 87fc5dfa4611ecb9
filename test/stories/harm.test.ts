import { expect, test } from "vitest";
import type { Passes } from "../passes.ts";
import { publishNext, runningOn, upgradesOf, useWorlds } from "./rollout-scenes.ts";
import { problemIn, see, statesIn } from "./seen.ts";
import { liveMinutes, until } from "./state-scenarios.ts";

const { open } = useWorlds();

/** AKS changes its bootstrap in the model, in a way that no answer of Azure shows, and keeps our extension there. */
async function rewriteInSecret({ world: { arm, cluster } }: Passes, pool: string): Promise<void> {
  await arm.actors.rewriteBootstrap(cluster.id, pool, { change: "protectedSettings", keepForeign: true });
}

const SHOWN_BY_NOTHING = { arm: { unknowns: { protectedSettingsAloneRerun: true } } } as const;

test("where an upgrade runs AKS's bootstrap again, one node of a pool is restarted, not six, until AKS brings an image", async () => {
  const opened = await open([{ count: 6 }], SHOWN_BY_NOTHING);
  await rewriteInSecret(opened, "win1");
  await liveMinutes(opened, 20);
  const since = opened.world.arm.journal.length;
  const next = (await publishNext(opened)).hash.slice(0, 8);
  await until(opened, (seen) => seen.problems.some(({ reason }) => reason === "upgrade-restarted-node"));
  await liveMinutes(opened, 120);
  expect(opened.world.arm.world.violations).toHaveLength(1);
  expect(upgradesOf(opened, "akswin1", since)).toEqual([1]);
  const seen = await see(opened);
  expect(problemIn(seen, "upgrade-restarted-node").remedy?.command).toContain("release");
  expect(statesIn(seen).filter((state) => state === "held")).toHaveLength(5);
  expect(seen.headline).toBe("All 6 Windows nodes have metrics");
  // A new image ends the hold: AKS replaces the nodes itself.
  const { arm, cluster } = opened.world;
  await arm.aks.upgrade(cluster.id, "win1", { image: "20348.9999" });
  await until(opened, () => runningOn(opened, "akswin1").every((each) => each === next), 240);
  expect(opened.world.arm.world.violations).toHaveLength(1);
});

test("AKS's bootstrap, changed between two passes in a way that Azure shows to no reader, restarts one node of each pool", async () => {
  const opened = await open([{ count: 2 }, { count: 2 }], SHOWN_BY_NOTHING);
  for (const pool of ["win1", "win2"]) {
    await rewriteInSecret(opened, pool);
    await liveMinutes(opened, 10);
  }
  await publishNext(opened);
  await until(opened, (seen) => seen.problems.some(({ reason }) => reason === "upgrade-restarted-node"), 90);
  await liveMinutes(opened, 4 * 60);
  expect(opened.world.arm.world.violations.map(({ scaleSet }) => scaleSet)).toEqual(["akswin1", "akswin2"]);
});

test("nodes that all lose their API server for a while are not called harmed", async () => {
  const opened = await open([{ count: 4 }]);
  const next = (await publishNext(opened)).hash.slice(0, 8);
  await until(opened, () => runningOn(opened, "akswin1").includes(next));
  const { kube, clock } = opened.world;
  const at = new Date(clock.now()).toISOString();
  for (const { metadata } of await kube.list("Node")) {
    const node = await kube.get("Node", metadata.name);
    if (!node) throw new Error(`no Node ${metadata.name}`);
    const conditions = [{ type: "Ready", status: "True", lastHeartbeatTime: at, lastTransitionTime: at }];
    await kube.putNode({ ...node, status: { ...Object(node["status"]), conditions } });
  }
  await until(opened, () => runningOn(opened, "akswin1").every((each) => each === next), 120);
  expect((await see(opened)).problems).toEqual([]);
});
