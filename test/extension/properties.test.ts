import fc from "fast-check";
import { expect, test } from "vitest";
import { forgetWaits } from "../../shared/extension/forget-waits.ts";
import { EMPTY_MEMORY, type ExtensionMemory } from "../../shared/extension/memory.ts";
import { planExtension } from "../../shared/extension/plan.ts";
import { recordObservation } from "../../shared/extension/record-observation.ts";
import { remember } from "../../shared/extension/remember.ts";
import type { ExtensionAction } from "../../shared/model/action.ts";
import type { Plan } from "../../shared/model/plan.ts";
import type { ScaleSet } from "../../shared/model/scale-set.ts";
import type { Verdict } from "../../shared/model/verdict.ts";
import { CLUSTER_ID, DAY, desired, HOUR, MINUTE, NOW } from "../build.ts";
import { seed } from "../seed.ts";
import { type RandomWorld, worlds } from "./arbitraries.ts";
import { type ActionContext, isInstanceOf, violations } from "./limits.ts";
import { createPureArm, type Pool, type PureArm, stories, type Story } from "./pure-arm.ts";
import type { Machine } from "./pure-machine.ts";

/** No wait is longer than a day, so a day and an hour without a write means that the story has ended. */
const REST_MS = 25 * HOUR;
/** From this pass on, which is after every event, passes are at least 15 minutes apart, so that a day has few. */
const LATE_FROM_PASS = 60;
const MAX_PASSES = 2000;
/** After this, what fails for ever is retried once a day: a write of the model, and one or two of instances. */
const RETRIED_FOR_MS = 14 * DAY;
const MAX_WRITES_IN_THREE_DAYS = 12;

test("repeated passes end with the desired package on every healthy instance, and write less and less", () => {
  fc.assert(
    fc.property(stories, (story) => {
      expect(runStory(story)).toEqual([]);
    }),
    { numRuns: 120, seed },
  );
});

test("plan and memory do not depend on the order of what was observed", () => {
  fc.assert(
    fc.property(worlds, shuffles, (world, shuffle) => {
      const other = shuffled(world, shuffle);
      expect(planOf(other)).toEqual(planOf(world));
      expect(recorded(other)).toEqual(recorded(world));
    }),
    { numRuns: 500, seed },
  );
});

test("no plan violates a rule, and the worlds reach every row of both tables", () => {
  const reached = new Map<string, number>();
  fc.assert(
    fc.property(worlds, (world) => {
      const plan = planOf(world);
      for (const row of new Set(plan.verdicts.map(rowOf))) reached.set(row, (reached.get(row) ?? 0) + 1);
      expect(plan.actions.flatMap((action) => violations(contextOf(action, world, plan)))).toEqual([]);
      expect(new Set(plan.actions.map((each) => each.scaleSet)).size).toBe(plan.actions.length);
      expect(plan.requeueAt).toBeGreaterThan(NOW);
      expect(plan.requeueAt).toBeLessThanOrEqual(NOW + 15 * MINUTE);
    }),
    { numRuns: 3000, seed },
  );
  const rare = Object.entries(ROWS).flatMap(([kind, rows]) =>
    rows.map((row) => `${kind} ${row}`).filter((row) => (reached.get(row) ?? 0) < 10),
  );
  expect(rare).toEqual([]);
});

/** At least 10 of the 3000 worlds must reach each row. */
const ROWS = {
  cluster: [
    "refused cluster-gone",
    "package-unusable package-unusable",
    "held canary-failed",
    "held harmed-nodes",
    "converging canary",
  ],
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
    "acting retry",
    "waiting retry",
    "acting link-expiring",
    "acting uninstall",
    "converging uninstall",
    "excluded uninstall",
    "waiting uninstall",
    "waiting throttled",
    "converging canary",
    "converging rollout",
    "converging missing",
    "waiting awaiting-canary",
    "held package-held",
    "held upgrade-restarted-node",
    "at-rest",
  ],
  instance: [
    "not-running",
    "unknown",
    "installing",
    "failed stuck",
    "current",
    "uninstalled",
    "awaiting-aks vmss-cse",
    "protected",
    "awaiting-aks image-differs",
    "awaiting-aks size-differs",
    "failed no-effect",
    "failed cause-package",
    "failed cause-node",
    "failed cause-download",
    "failed cause-agent",
    "unproven-health",
    "unknown-package",
    "awaiting-aks node-not-ready",
    "outdated",
    "outdated queued",
    "outdated awaiting-canary",
    "outdated package-held",
    "outdated upgrade-restarted-node",
  ],
};

function rowOf({ subject, state, reason }: Verdict): string {
  return [subject.kind, state, reason].filter((each) => each !== undefined).join(" ");
}

function planOf({ desired: settings, observed, memory }: RandomWorld): Plan<ExtensionAction> {
  return planExtension(CLUSTER_ID, settings, observed, memory);
}

function recorded({ memory, observed }: RandomWorld): ExtensionMemory {
  return recordObservation(memory, observed, desired());
}

function contextOf(action: ExtensionAction, world: RandomWorld, plan: Plan<ExtensionAction>): ActionContext {
  const set = world.observed.scaleSets.find((each) => each.id === action.scaleSet);
  const memory = world.memory.scaleSets[action.scaleSet];
  if (!set || !memory) throw new Error("an action on a scale set that was not observed");
  const stateOf = (vmId: string): Verdict | undefined =>
    plan.verdicts.find(({ subject }) => isInstanceOf(subject, set) && subject.vmId === vmId);
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

/** Applies an event to the world or to memory, and returns memory. */
function happen(event: Story["events"][number][1], arm: PureArm, memory: ExtensionMemory): ExtensionMemory {
  if (event.what === "forget") return EMPTY_MEMORY;
  if (event.what === "resync") return forgetWaits(memory);
  arm.apply(event);
  return memory;
}

/** Runs passes until no more writes follow, or only daily retries, and returns what is wrong. */
function runStory({ events, ...start }: Story): readonly string[] {
  const arm = createPureArm(start);
  let memory = EMPTY_MEMORY;
  let at = NOW;
  let lastWriteAt = at;
  const writtenAt: number[] = [];
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    for (const [when, event] of events) if (when === pass) memory = happen(event, arm, memory);
    const observed = arm.observe(at, memory);
    memory = recordObservation({ ...memory, startedAt: at }, observed, desired());
    const plan = planExtension(CLUSTER_ID, desired(), observed, memory);
    const outcomes = plan.actions.map((action) => arm.perform(action, at));
    memory = remember(memory, plan, outcomes);
    const problems = findProblems(arm, plan, at);
    if (problems.length > 0) return problems;
    writtenAt.push(...plan.actions.map(() => at));
    lastWriteAt = pass < LATE_FROM_PASS ? at : (writtenAt.at(-1) ?? lastWriteAt);
    if (at - NOW >= RETRIED_FOR_MS || at - lastWriteAt >= REST_MS) return findWrong(arm, plan, at - 3 * DAY, writtenAt);
    at = pass < LATE_FROM_PASS ? plan.requeueAt : Math.max(plan.requeueAt, at + 15 * MINUTE);
  }
  return ["the writes do not end"];
}

/** Returns what is wrong in any pass of a story. */
function findProblems(arm: PureArm, plan: Plan<ExtensionAction>, at: number): readonly string[] {
  return [...wronglyCurrent(arm, plan), ...(plan.requeueAt <= at ? ["the next pass is due at once"] : [])];
}

/** Returns what is wrong at the end of a story: what is not as desired, or too many writes in its last three days. */
function findWrong(
  arm: PureArm,
  plan: Plan<ExtensionAction>,
  since: number,
  writtenAt: readonly number[],
): readonly string[] {
  const lately = writtenAt.filter((each) => each > since).length;
  if (lately > MAX_WRITES_IN_THREE_DAYS * arm.pools.length) return [`${lately} writes in three days`];
  // Without a machine that can try it, a package stays new.
  const canTry = (each: Machine): boolean => each.condition === "healthy" && !isNotRetried(verdictOf(plan, each));
  const canBeTried = arm.pools.some((pool) => pool.machines.some(canTry));
  const hasFailed = arm.pools.some((pool) => pool.machines.some((each) => each.hasFailed));
  if (hasFailed && plan.verdicts.some(({ state }) => state === "held")) return [];
  return canBeTried ? arm.pools.flatMap((pool) => findRemaining(pool, arm.desiredMarker(), plan)) : [];
}

function verdictOf({ verdicts }: Plan<ExtensionAction>, { vmId }: Machine): Verdict | undefined {
  return verdicts.find(({ subject }) => subject.kind === "instance" && subject.vmId === vmId);
}

/** Returns the machines whose verdict is `current` although no package runs well on them. */
function wronglyCurrent(arm: PureArm, plan: Plan<ExtensionAction>): readonly string[] {
  return arm.pools
    .flatMap((pool) => pool.machines)
    .filter((each) => verdictOf(plan, each)?.state === "current")
    .filter((each) => each.hasFailed || each.marker === undefined)
    .map((each) => `${each.vmId} is not current: ${JSON.stringify(each)}`);
}

/** Returns what is not as desired at the end, except unhealthy machines and those that the app does not retry. */
function findRemaining(pool: Pool, desiredMarker: string, plan: Plan<ExtensionAction>): readonly string[] {
  if (pool.entry?.tag?.marker !== desiredMarker) return [`the model of ${pool.name} does not have ${desiredMarker}`];
  return pool.machines
    .filter((each) => each.condition === "healthy" && (each.hasFailed || each.marker !== desiredMarker))
    .filter((each) => !isNotRetried(verdictOf(plan, each)))
    .map((each) => `${each.vmId} does not have the package: ${JSON.stringify(each)}`);
}

/** After a loss of memory, the app does not touch an instance whose package nothing shows. */
function isNotRetried(verdict: Verdict | undefined): boolean {
  return verdict?.state === "unknown-package";
}
