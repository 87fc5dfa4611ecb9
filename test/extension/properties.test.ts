import fc from "fast-check";
import { expect, test } from "vitest";
import { EMPTY_MEMORY, type ExtensionMemory } from "../../shared/extension/memory.ts";
import { planExtension } from "../../shared/extension/plan.ts";
import { recordObservation } from "../../shared/extension/record-observation.ts";
import { remember } from "../../shared/extension/remember.ts";
import type { ExtensionAction } from "../../shared/model/action.ts";
import type { Plan } from "../../shared/model/plan.ts";
import type { ScaleSet } from "../../shared/model/scale-set.ts";
import type { Verdict } from "../../shared/model/verdict.ts";
import { CLUSTER_ID, desired, HOUR, MINUTE, NOW, OWNER } from "../build.ts";
import { seed } from "../seed.ts";
import { type RandomWorld, worlds } from "./arbitraries.ts";
import { isOneOfOurs, type Touched, violations } from "./limits.ts";
import { createPureArm, type Pool, type PureArm, stories, type Story } from "./pure-arm.ts";
import type { Machine } from "./pure-machine.ts";

/** No wait is longer than a day: a day and an hour without a write is rest. */
const REST_MS = 25 * HOUR;
/** From here on, later than every event, the timer is late, so that a day has few passes. */
const LATE_FROM_PASS = 60;
const MOST_PASSES = 600;

test("planning and applying again and again comes to rest with every well instance as wanted", () => {
  fc.assert(
    fc.property(stories, (story) => {
      expect(play(story)).toEqual([]);
    }),
    { numRuns: 120, seed },
  );
});

test("the same world, read in another order, has the same plan and the same memory", () => {
  fc.assert(
    fc.property(worlds, shuffles, (world, shuffle) => {
      const other = shuffled(world, shuffle);
      expect(planOf(other)).toEqual(planOf(world));
      expect(noticed(other)).toEqual(noticed(world));
    }),
    { numRuns: 500, seed },
  );
});

test("no plan exceeds its budget or touches what is not ours, and every row of both tables is tried", () => {
  const reached = new Map<string, number>();
  fc.assert(
    fc.property(worlds, (world) => {
      const plan = planOf(world);
      for (const row of new Set(plan.verdicts.map(rowOf))) reached.set(row, (reached.get(row) ?? 0) + 1);
      expect(plan.actions.flatMap((action) => violations(touched(action, world, plan)))).toEqual([]);
      expect(new Set(plan.actions.map((each) => each.scaleSet)).size).toBe(plan.actions.length);
      expect(plan.requeueAt).toBeGreaterThan(NOW);
      expect(plan.requeueAt).toBeLessThanOrEqual(NOW + 15 * MINUTE);
    }),
    { numRuns: 2000, seed },
  );
  const seldom = Object.entries(ROWS).flatMap(([kind, rows]) =>
    rows.map((row) => `${kind} ${row}`).filter((row) => (reached.get(row) ?? 0) < 10),
  );
  expect(seldom).toEqual([]);
});

/** Of 2000 worlds at least ten have to reach each. */
const ROWS = {
  cluster: ["refused cluster-gone", "package-unusable package-unusable"],
  "scale-set": [
    "refused node-resource-group-locked",
    "refused upgrade-policy",
    "waiting own-operation",
    "waiting aks-busy",
    "waiting stopped",
    "waiting settling",
    "degraded settling",
    "unmanaged",
    "refused foreign-extension",
    "refused other-owner",
    "refused package-unusable",
    "acting missing",
    "acting package-differs",
    "acting settings-differ",
    "acting link-expiring",
    "waiting throttled",
    "converging canary",
    "converging rollout",
    "converging missing",
    "waiting canary-failed",
    "at-rest",
  ],
  instance: [
    "unknown",
    "installing",
    "stuck",
    "current",
    "awaiting-aks vmss-cse",
    "protected",
    "awaiting-aks image-differs",
    "awaiting-aks sku-differs",
    "no-effect",
    "failed cause-package",
    "failed cause-download",
    "failed cause-agent",
    "unproven",
    "outdated",
  ],
};

function rowOf({ subject, state, reason }: Verdict): string {
  return [subject.kind, state, reason].filter((each) => each !== undefined).join(" ");
}

function planOf({ desired: settings, observed, memory }: RandomWorld): Plan<ExtensionAction> {
  return planExtension(CLUSTER_ID, settings, observed, memory);
}

function noticed({ memory, observed }: RandomWorld): ExtensionMemory {
  return recordObservation(memory, observed, OWNER);
}

function touched(action: ExtensionAction, world: RandomWorld, plan: Plan<ExtensionAction>): Touched {
  const set = world.observed.scaleSets.find((each) => each.id === action.scaleSet);
  const memory = world.memory.scaleSets[action.scaleSet];
  if (!set || !memory) throw new Error("an action on a scale set that nobody has seen");
  const stateOf = (vmId: string): Verdict | undefined =>
    plan.verdicts.find(({ subject }) => isOneOfOurs(subject, set) && subject.vmId === vmId);
  return { action, set, memory, world, stateOf, pool: world.observed.pools.find((each) => each.name === set.pool) };
}

type Shuffle = <T>(list: readonly T[]) => readonly T[];

const shuffles: fc.Arbitrary<Shuffle> = fc.infiniteStream(fc.nat(1000)).map((stream) => (list) => {
  const keyed = list.map((each) => ({ each, key: stream.next().value ?? 0 }));
  return keyed.toSorted((a, b) => a.key - b.key).map(({ each }) => each);
});

function shuffled(world: RandomWorld, shuffle: Shuffle): RandomWorld {
  const { observed, memory } = world;
  const scaleSets = shuffle(observed.scaleSets).map((set): ScaleSet => ({
    ...set,
    extensions: shuffle(set.extensions),
    instances: shuffle(set.instances).map((each) => ({ ...each, extensions: shuffle(each.extensions) })),
  }));
  return {
    ...world,
    observed: { ...observed, pools: shuffle(observed.pools), scaleSets },
    memory: { ...memory, scaleSets: Object.fromEntries(shuffle(Object.entries(memory.scaleSets))) },
  };
}

/** Plays a story to its rest, and says what went wrong in it. */
function play({ events, ...start }: Story): readonly string[] {
  const arm = createPureArm(start);
  let memory = EMPTY_MEMORY;
  let at = NOW;
  let wroteAt = at;
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    for (const [, event] of events.filter(([when]) => when === pass)) {
      if (event.what === "forget") memory = EMPTY_MEMORY;
      else arm.happen(event);
    }
    const observed = arm.observe(at, memory);
    memory = recordObservation(memory, observed, OWNER);
    const plan = planExtension(CLUSTER_ID, desired(), observed, memory);
    const outcomes = plan.actions.map((action) => arm.perform(action, at));
    memory = remember(memory, plan, outcomes);
    const wrong = misjudged(arm, plan);
    if (wrong.length > 0) return wrong;
    if (plan.requeueAt <= at) return ["it looks again at once"];
    if (plan.actions.length > 0 || pass < LATE_FROM_PASS) wroteAt = at;
    if (at - wroteAt >= REST_MS) return arm.pools.flatMap((pool) => leftBehind(pool, arm.wanted(), plan));
    at = pass < LATE_FROM_PASS ? plan.requeueAt : Math.max(plan.requeueAt, at + 15 * MINUTE);
  }
  return ["it does not come to rest"];
}

function verdictOf({ verdicts }: Plan<ExtensionAction>, { vmId }: Machine): Verdict | undefined {
  return verdicts.find(({ subject }) => subject.kind === "instance" && subject.vmId === vmId);
}

/** Machines that are taken for current and are not. */
function misjudged(arm: PureArm, plan: Plan<ExtensionAction>): readonly string[] {
  return arm.pools
    .flatMap((pool) => pool.machines)
    .filter((each) => verdictOf(plan, each)?.state === "current")
    .filter((each) => each.hasFailed || each.carries !== arm.wanted())
    .map((each) => `${each.vmId} is not current: ${JSON.stringify(each)}`);
}

/** What is not as wanted at rest, but for machines that are not well, and what this version does not try again. */
function leftBehind(pool: Pool, wanted: string, plan: Plan<ExtensionAction>): readonly string[] {
  if (pool.entry?.tag?.marker !== wanted) return [`the model of ${pool.name} does not carry ${wanted}`];
  const verdict = plan.verdicts.find(({ subject }) => subject.kind === "scale-set" && subject.pool === pool.name);
  const isHeld = verdict?.reason === "canary-failed" && pool.machines.some((each) => each.hasFailed);
  if (isHeld) return [];
  return pool.machines
    .filter((each) => each.plight === "well" && (each.hasFailed || each.carries !== wanted))
    .filter((each) => !isNotTriedAgain(each, verdictOf(plan, each)))
    .map((each) => `${each.vmId} was left behind: ${JSON.stringify(each)}`);
}

function isNotTriedAgain({ hasFailed }: Machine, verdict: Verdict | undefined): boolean {
  if (verdict?.state === "failed") return hasFailed;
  return verdict?.state === "no-effect" || verdict?.state === "unproven";
}
