import { expect, test } from "vitest";
import { makePackage, publish } from "../packages.ts";
import { openPasses, type Passes, setVerdicts } from "../passes.ts";
import { randomSequence } from "../random.ts";
import { findUnconverged } from "../sandbox/invariants.ts";
import { SHOP } from "../world.ts";
import { failRuns } from "./failing-runs.ts";

/** A fault that begins at some time and ends at another; `begin` returns what ends it. */
type Fault = (opened: Passes, random: () => number) => Promise<() => Promise<unknown>>;

const DSC = "Microsoft.Powershell.DSC";

/** Each returns what ends it. */
const FAULTS: Readonly<Record<string, Fault>> = {
  egress: async ({ world: { dsc } }) => {
    const end = failRuns(dsc, "download");
    return async () => end();
  },
  lock: async ({ world: { arm, cluster } }) => {
    await arm.actors.lock(cluster.id, "ReadOnly");
    return () => arm.actors.unlock(cluster.id);
  },
  policy: async ({ world: { arm } }, random) => {
    const effect = random() < 0.5 ? "remove" : "deny";
    await arm.actors.assignPolicy({ name: "p", type: DSC, effect });
    return () => arm.actors.removePolicy("p");
  },
  change: async ({ world: { arm } }) => {
    await arm.actors.assignPolicy({ name: "c", type: DSC, effect: "modify", change: { enableAutomaticUpgrade: true } });
    return () => arm.actors.removePolicy("c");
  },
  role: async ({ world: { arm } }) => {
    await arm.actors.revokeRole("app", { action: "Microsoft.Compute/virtualMachineScaleSets/extensions/write" });
    return () => arm.actors.restoreRoles("app");
  },
  reads: async ({ world: { arm } }, random) => {
    const path = random() < 0.5 ? "*/akswin1/virtualMachines" : "*/operations/*";
    await arm.actors.failRequests({ method: "GET", path, status: 429, code: "TooManyRequests", retryAfter: 300 });
    return () => arm.actors.clearFailures();
  },
  writes: async ({ world: { arm } }) => {
    await arm.actors.failRequests({ method: "POST", path: "*manualupgrade", status: 409, code: "OperationNotAllowed" });
    return () => arm.actors.clearFailures();
  },
  package: async ({ world: { packageContainer, package: named } }) => {
    await packageContainer.deleteBlob(`${named.hash}.zip`);
    return () => publish(packageContainer, named);
  },
  memory: async ({ state }) => {
    for await (const { name } of state.listBlobsFlat({ prefix: "memory/" })) await state.deleteBlob(name);
    return async () => undefined;
  },
  stuck: async ({ world: { arm, cluster } }, random) => {
    const pool = random() < 0.5 ? "win1" : "win2";
    await arm.actors.hold(cluster.id, pool);
    return () => arm.actors.release(cluster.id, "Succeeded", pool);
  },
};

/** What happens besides; AKS refuses what is not possible at the time. */
const EVENTS: readonly ((opened: Passes, random: () => number) => Promise<unknown>)[] = [
  ({ world: { arm, cluster } }, random) => arm.aks.reconcile(cluster.id, random() < 0.5 ? "win1" : "win2"),
  ({ world: { arm, cluster } }, random) => arm.aks.scale(cluster.id, "win2", 1 + Math.floor(random() * 5)),
  ({ world: { arm, cluster } }, random) => arm.actors.autoscale(cluster.id, "win1", 2 + Math.floor(random() * 5)),
  ({ world: { arm, cluster } }) => arm.aks.upgrade(cluster.id, "win2", { image: "20348.4000" }),
  (opened) => opened.pass("resync"),
];

const reached = new Map<string, number>();

/** Begins a fault, or ends it if it has begun. */
async function toggle(name: string, open: Map<string, () => Promise<unknown>>, begin: () => ReturnType<Fault>) {
  const end = open.get(name);
  if (end) {
    open.delete(name);
    return end();
  }
  const begun = await begin().catch(ignoreRefusal);
  if (!begun) return undefined;
  reached.set(name, (reached.get(name) ?? 0) + 1);
  return open.set(name, begun);
}

/** Lets faults and events happen in random order, up to an hour apart, and ends every fault. */
async function live(opened: Passes, seed: number): Promise<void> {
  const random = randomSequence(seed);
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const open = new Map<string, () => Promise<unknown>>();
  for (let step = 0; step < 14; step++) {
    const [name, begin] = pick(Object.entries(FAULTS)) ?? ["lock", FAULTS["lock"]];
    if (begin) await toggle(name, open, () => begin(opened, random));
    await pick(EVENTS)?.(opened, random).catch(ignoreRefusal);
    await opened.live(Math.floor(random() * 60));
  }
  for (const end of open.values()) await end();
}

/** AKS tries again what failed while it could not write. */
async function recoverAks({ world: { arm, cluster }, live: wait }: Passes): Promise<void> {
  for (const { name } of cluster.pools.filter(({ os }) => os === "Windows")) {
    await arm.aks.reconcile(cluster.id, name);
    await wait(15);
  }
}

function ignoreRefusal(error: unknown): undefined {
  if (typeof error === "object" && error !== null && "status" in error) return undefined;
  throw error;
}

test.each([1, 2, 3, 4, 5, 13])(
  "after faults in any order and number (seed %i), the app heals by itself within a day",
  async (seed) => {
    const cluster = {
      ...SHOP,
      pools: [
        { name: "win1", os: "Windows" as const, count: 3, image: "20348.3000" },
        { name: "win2", os: "Windows" as const, count: 2, image: "20348.3000" },
      ],
    };
    const opened = await openPasses({ cluster, package: makePackage("0.31.8") });
    await opened.live(40);
    await live(opened, seed);
    await opened.live(20);
    await recoverAks(opened);
    await opened.live(25 * 60);
    const wrong = findUnconverged(opened.world, opened.world.package.hash);
    const verdicts = setVerdicts(await opened.pass());
    const { violations } = opened.world.arm.world;
    await opened.world.stop();
    expect({ wrong, verdicts, violations }).toEqual({
      wrong: [],
      verdicts: ["win1 at-rest", "win2 at-rest"],
      violations: [],
    });
  },
);

test("the stories reached every fault", () => {
  expect(Object.keys(FAULTS).filter((name) => !reached.has(name))).toEqual([]);
});
