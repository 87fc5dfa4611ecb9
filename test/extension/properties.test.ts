import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EMPTY_MEMORY, type ExtensionMemory } from "../../shared/extension/memory.ts";
import { notice } from "../../shared/extension/notice.ts";
import { planExtension } from "../../shared/extension/plan.ts";
import { remember } from "../../shared/extension/remember.ts";
import type { ExtensionAction, Plan, Verdict } from "../../shared/model/plan.ts";
import type { Instance, ScaleSet } from "../../shared/model/scale-set.ts";
import { CLUSTER_ID, desired, HOUR, MINUTE, NOW, OWNER, setMemory } from "../build.ts";
import { type RandomWorld, worlds } from "./arbitraries.ts";
import { createPureArm, type PureArm, stories } from "./pure-arm.ts";

type Upgrade = Extract<ExtensionAction, { kind: "upgrade-instances" }>;
const AT_REST = /^(succeeded|failed|canceled)$/i;
/** No wait is longer than a day: a day and an hour without a write is rest. */
const REST_MS = 25 * HOUR;
/** From here on, later than every event, the timer is late, so that a day has few passes. */
const LATE_FROM_PASS = 60;
const MOST_PASSES = 600;

function planOf({ desired: settings, observed, memory }: RandomWorld): Plan<ExtensionAction> {
  return planExtension(CLUSTER_ID, settings, observed, memory);
}

describe("planning and applying again and again", () => {
  test("comes to rest with every well instance as wanted, and never takes one for current that is not", () => {
    fc.assert(
      fc.property(stories, ({ events, ...start }) => {
        const arm = createPureArm(start);
        let memory = EMPTY_MEMORY;
        let at = NOW;
        let wroteAt = at;
        for (let pass = 0; at - wroteAt < REST_MS; pass++) {
          if (pass > MOST_PASSES) expect.unreachable(`still acting after ${MOST_PASSES} passes`);
          for (const [when, event] of events) {
            if (when !== pass) continue;
            if (event.what === "forget") memory = EMPTY_MEMORY;
            else arm.happen(event);
          }
          const done = runPass(arm, memory, at);
          const { plan } = done;
          memory = done.memory;
          checkCurrent(arm, plan);
          if (plan.actions.length > 0 || pass < LATE_FROM_PASS) wroteAt = at;
          at = pass < LATE_FROM_PASS ? plan.lookAgainAt : Math.max(plan.lookAgainAt, at + 15 * MINUTE);
          if (at - wroteAt >= REST_MS) checkRest(arm, plan);
        }
      }),
      { numRuns: 200 },
    );
  });
});

function runPass(
  arm: PureArm,
  before: ExtensionMemory,
  at: number,
): { plan: Plan<ExtensionAction>; memory: ExtensionMemory } {
  const observed = arm.observe(at, before);
  const memory = notice(before, observed, OWNER);
  const plan = planExtension(CLUSTER_ID, desired(), observed, memory);
  expect(plan.lookAgainAt).toBeGreaterThan(at);
  const outcomes = plan.actions.map((action) => arm.perform(action, at));
  return { plan, memory: remember(memory, plan, outcomes) };
}

function stateOf({ verdicts }: Plan<ExtensionAction>, vmId: string): Verdict | undefined {
  return verdicts.find(({ subject }) => subject.kind === "instance" && subject.vmId === vmId);
}

function checkCurrent(arm: PureArm, plan: Plan<ExtensionAction>): void {
  for (const machine of arm.pools.flatMap((pool) => pool.machines)) {
    if (stateOf(plan, machine.vmId)?.state !== "current") continue;
    expect(machine, "current").toMatchObject({ carries: arm.wanted(), hasFailed: false });
  }
}

/** What may stay behind: what is not well, where the package failed, and what this version does not try again. */
function checkRest(arm: PureArm, plan: Plan<ExtensionAction>): void {
  for (const pool of arm.pools) {
    const verdict = plan.verdicts.find(({ subject }) => subject.kind === "scale-set" && subject.pool === pool.name);
    expect(pool.entry?.tag?.marker).toBe(arm.wanted());
    if (verdict?.because === "canary-failed") {
      expect(pool.machines.some((each) => each.hasFailed)).toBe(true);
      continue;
    }
    for (const machine of pool.machines) {
      const state = stateOf(plan, machine.vmId)?.state;
      const isNotTriedAgain = state === "failed" ? machine.hasFailed : state === "no-effect" || state === "unproven";
      if (machine.plight !== "well" || isNotTriedAgain) continue;
      expect(machine, `at rest in ${pool.name}`).toMatchObject({ carries: arm.wanted(), hasFailed: false });
    }
  }
}

describe("the order of the input", () => {
  const sortKeys = fc.infiniteStream(fc.nat(1000)).map((stream) => <T>(list: readonly T[]): readonly T[] => {
    const keyed = list.map((each) => ({ each, key: stream.next().value ?? 0 }));
    return keyed.toSorted((a, b) => a.key - b.key).map(({ each }) => each);
  });

  test("does not matter: the same world, read in another order, has the same plan", () => {
    fc.assert(
      fc.property(worlds, sortKeys, (world, shuffle) => {
        const { observed, memory } = world;
        const scaleSets = shuffle(observed.scaleSets).map((set) => ({
          ...set,
          extensions: shuffle(set.extensions),
          instances: shuffle(set.instances).map((each) => ({ ...each, extensions: shuffle(each.extensions) })),
        }));
        const other = {
          ...world,
          observed: { ...observed, pools: shuffle(observed.pools), scaleSets },
          memory: { ...memory, scaleSets: Object.fromEntries(shuffle(Object.entries(memory.scaleSets))) },
        };
        expect(planOf(other)).toEqual(planOf(world));
        const noticed = (each: RandomWorld): ExtensionMemory => notice(each.memory, each.observed, OWNER);
        expect(noticed(other)).toEqual(noticed(world));
      }),
      { numRuns: 500 },
    );
  });
});

describe("no plan", () => {
  test("exceeds its budget, or touches what is not ours; and every row of both tables is tried", () => {
    const reached = new Map<string, number>();
    fc.assert(
      fc.property(worlds, (world) => {
        const plan = planOf(world);
        for (const row of new Set(plan.verdicts.map(rowOf))) reached.set(row, (reached.get(row) ?? 0) + 1);
        expect(new Set(plan.actions.map((each) => each.scaleSet)).size).toBe(plan.actions.length);
        for (const action of plan.actions) checkAction(action, world, plan);
        expect(plan.lookAgainAt).toBeGreaterThan(NOW);
        expect(plan.lookAgainAt).toBeLessThanOrEqual(NOW + 15 * MINUTE);
      }),
      { numRuns: 2000 },
    );
    expect(ROWS.filter((row) => (reached.get(row) ?? 0) < 10)).toEqual([]);
  });
});

/** Of 2000 worlds at least ten have to reach each. */
const ROWS = [
  ...["cluster refused cluster-gone", "cluster package-unusable package-unusable"],
  ...["scale-set refused node-resource-group-locked", "scale-set refused upgrade-policy"],
  ...["scale-set waiting own-operation", "scale-set waiting aks-busy", "scale-set waiting stopped"],
  ...["scale-set waiting settling", "scale-set degraded settling", "scale-set left"],
  ...["scale-set refused foreign-extension", "scale-set refused other-owner", "scale-set refused package-unusable"],
  ...["scale-set acting missing", "scale-set acting package-differs", "scale-set acting settings-differ"],
  ...["scale-set acting link-expiring", "scale-set converging canary", "scale-set converging rollout"],
  ...["scale-set converging missing", "scale-set waiting canary-failed", "scale-set waiting throttled"],
  ...["scale-set at-rest", "instance unknown", "instance installing", "instance stuck", "instance current"],
  ...["instance awaiting-aks vmss-cse", "instance awaiting-aks image-differs", "instance awaiting-aks sku-differs"],
  ...["instance protected", "instance no-effect", "instance failed cause-package", "instance failed cause-download"],
  ...["instance failed cause-agent", "instance unproven", "instance stale"],
];

function rowOf({ subject, state, because }: Verdict): string {
  return [subject.kind, state, because].filter((each) => each !== undefined).join(" ");
}

function checkAction(action: ExtensionAction, world: RandomWorld, plan: Plan<ExtensionAction>): void {
  const set = world.observed.scaleSets.find((each) => each.id === action.scaleSet);
  if (!set) return expect.unreachable("an action on a scale set that nobody has seen");
  checkWritable(set, world);
  const { pools, packageAllowed } = world.desired;
  const carried = set.extensions.find((each) => each.name === "windows-exporter-dsc");
  if (pools && !pools.has(action.pool))
    expect(action).toMatchObject({ kind: "put-extension", because: "link-expiring" });
  if (action.kind === "upgrade-instances") {
    expect(carried?.tag?.marker, "an upgrade brings what the model carries").toBe(action.marker);
    return checkUpgrade(action, { set, world, plan });
  }
  if (action.kind === "delete-extension") return expect.unreachable("no row deletes");
  const { package: hash, owner } = action.extension;
  expect(owner).toBe(OWNER);
  expect(world.observed.packages.checks[hash]).toEqual({ usable: true });
  if (packageAllowed) expect(packageAllowed.has(hash)).toBe(true);
}

/** Nothing is written while anybody else works on the set, or where it is not ours to write. */
function checkWritable(set: ScaleSet, { observed, memory }: RandomWorld): void {
  const pool = observed.pools.find((each) => each.name === set.pool);
  expect(observed.cluster).toMatchObject({ isStopped: false, nodeResourceGroupLocked: false });
  expect(pool).toMatchObject({ isStopped: false });
  for (const each of [observed.cluster, pool, set]) expect(each?.provisioningState).toMatch(AT_REST);
  expect(set).toMatchObject({ isWindows: true, upgradeMode: "Manual", orchestrationMode: "Uniform" });
  const { operation, backOff } = memory.scaleSets[set.id] ?? setMemory();
  if (operation?.state === "running") expect(NOW - operation.submittedAt).toBeGreaterThan(90 * MINUTE);
  expect(backOff?.because).not.toBe("throttled");
  for (const { name, publisher, tag } of set.extensions) {
    if (name !== "windows-exporter-dsc") expect(publisher.toLowerCase()).not.toBe("microsoft.powershell");
    if (tag) expect(tag.owner).toBe(OWNER);
  }
}

function checkUpgrade(
  { because, instances, marker }: Upgrade,
  { set, world, plan }: { set: ScaleSet; world: RandomWorld; plan: Plan<ExtensionAction> },
): void {
  const { provenMarker, lastBatch } = world.memory.scaleSets[set.id] ?? setMemory();
  const judged = (state: string): readonly Instance[] =>
    set.instances.filter(({ vmId }) => verdictOf(plan, set, vmId)?.state === state);
  const installing = judged("installing");
  const total = instances.length + installing.length;
  expect(new Set(instances.map((each) => each.vmId)).size).toBe(instances.length);
  expect(instances.length).toBeGreaterThan(0);
  expect(provenMarker === marker).toBe(because === "missing");
  if (because === "missing") {
    expect(total).toBeLessThanOrEqual(world.desired.restoreBatch ?? Math.ceil(set.instances.length / 2));
  } else {
    const failures = set.instances.filter(({ vmId }) => verdictOf(plan, set, vmId)?.because === "cause-package");
    expect(failures, "a package that failed goes no further").toEqual([]);
    expect(judged("current").length > 0).toBe(because === "rollout");
    const tenth = Math.ceil(set.instances.length / 10);
    expect(total).toBeLessThanOrEqual(because === "canary" ? 1 : Math.max(world.desired.rolloutBatch, tenth));
    if (because === "rollout") expect(installing.filter(({ vmId }) => lastBatch.includes(vmId))).toEqual([]);
  }
  for (const { id, vmId } of instances) {
    const one = set.instances.find((each) => each.id === id && each.vmId === vmId);
    checkUpgradable(one, set, world);
    const carried = one?.extensions.find((each) => each.name === "windows-exporter-dsc" && each.state === "succeeded");
    expect(carried?.tag?.marker).not.toBe(marker);
  }
}

function verdictOf({ verdicts }: Plan<ExtensionAction>, set: ScaleSet, vmId: string): Verdict | undefined {
  return verdicts.find(
    ({ subject }) => subject.kind === "instance" && subject.scaleSet === set.id && subject.vmId === vmId,
  );
}

/** `manualupgrade` applies the whole model: only where nothing but our extension would change, and nobody drains. */
function checkUpgradable(one: Instance | undefined, set: ScaleSet, { observed }: RandomWorld): void {
  expect(one).toMatchObject({
    isRunning: true,
    agentReady: true,
    protectedFromScaleSetActions: false,
    image: set.image,
  });
  expect(one?.sku.toLowerCase()).toBe(set.sku.toLowerCase());
  const cse = one?.extensions.find((each) => each.name === "vmssCSE");
  if (set.extensions.some((each) => each.name === "vmssCSE")) expect(cse?.state).toBe("succeeded");
  const ours = one?.extensions.find((each) => each.name === "windows-exporter-dsc");
  expect(ours?.state).not.toBe("transitioning");
  const failures = one?.extensions.filter((each) => each.state === "failed");
  if (one?.provisioningState === "Failed") expect(failures).toEqual([ours]);
  expect(one?.provisioningState).not.toBe("Deleting");
  const pool = observed.pools.find((each) => each.name === set.pool);
  const isFailed = [observed.cluster, pool, set].some((each) => each?.provisioningState !== "Succeeded");
  if (isFailed) expect(one?.provisioningState).toMatch(/^(Succeeded|Failed)$/);
}
