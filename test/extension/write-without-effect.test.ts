import { expect, test } from "vitest";
import { forgetWaits } from "../../shared/extension/forget-waits.ts";
import type { ExtensionMemory, ScaleSetMemory } from "../../shared/extension/memory.ts";
import { planExtension } from "../../shared/extension/plan.ts";
import { remember } from "../../shared/extension/remember.ts";
import type { ExtensionAction } from "../../shared/model/action.ts";
import type { Plan } from "../../shared/model/plan.ts";
import type { ModelExtension } from "../../shared/model/scale-set.ts";
import * as build from "../build.ts";
import { words } from "../planned.ts";

const { aksEntry, CLUSTER_ID, cse, DAY, desired, HOUR, instance, memory, MINUTE, NOW, observed, ourEntry, SET_ID } =
  build;

const changed = ourEntry({ enableAutomaticUpgrade: true });

function planAt(at: number, extensions: readonly ModelExtension[], before: ExtensionMemory): Plan<ExtensionAction> {
  const instances = [instance("0", { extensions: [cse()] })];
  const set = build.scaleSet({ extensions, instances: extensions.includes(changed) ? instances : [instance("0")] });
  return planExtension(CLUSTER_ID, desired({ resyncAfterMs: DAY }), observed({ at, scaleSets: [set] }), before);
}

/** Runs passes in which another writer undoes every write at once; returns the times of the writes, from NOW. */
function writesIn(hours: number, extensions: readonly ModelExtension[], before = memory()): readonly number[] {
  const times: number[] = [];
  let known = before;
  for (let at = NOW; at < NOW + hours * HOUR; at += MINUTE) {
    const plan = planAt(at, extensions, known);
    const outcomes = plan.actions
      .filter(({ kind }) => kind === "put-extension")
      .map((action) => ({ action, at, status: "submitted" as const }));
    times.push(...outcomes.map(() => at - NOW));
    known = withoutOperation(remember(known, plan, outcomes));
  }
  return times;
}

/** The operation of each write ends at once. */
function withoutOperation(known: ExtensionMemory): ExtensionMemory {
  return withSet(known, { operation: undefined });
}

function withSet(known: ExtensionMemory, over: Partial<ScaleSetMemory>): ExtensionMemory {
  const set = known.scaleSets[SET_ID];
  return set ? { ...known, scaleSets: { [SET_ID]: { ...set, ...over } } } : known;
}

const LADDER = [0, MINUTE, 2 * MINUTE, 7 * MINUTE, 22 * MINUTE, 82 * MINUTE, 442 * MINUTE];

test.each([
  { what: "a property", extensions: [aksEntry(), changed] },
  { what: "the whole extension", extensions: [aksEntry()] },
  { what: "the package", extensions: [aksEntry(), ourEntry({}, build.OLD_PACKAGE)] },
])("a write after which another writer changes $what is made three times, then by the ladder", ({ extensions }) => {
  expect(writesIn(24, extensions)).toEqual(LADDER);
});

function afterThree(extensions: readonly ModelExtension[]): ExtensionMemory {
  let known = memory();
  for (const at of [NOW, NOW + MINUTE, NOW + 2 * MINUTE]) {
    const plan = planAt(at, extensions, known);
    const outcomes = plan.actions.map((action) => ({ action, at, status: "submitted" as const }));
    known = withoutOperation(remember(known, plan, outcomes));
  }
  return known;
}

const at = NOW + 3 * MINUTE;

test("without the desired marker in the model, the verdict says what is missing, and when the next write is due", () => {
  const plan = planAt(at, [aksEntry()], afterThree([aksEntry()]));
  expect(words(plan)).toBe("refused write-without-effect");
  expect(plan.verdicts[0]?.message).toContain("the extension is missing again");
  expect(plan.requeueAt).toBe(NOW + 7 * MINUTE);
});

test("with the desired marker in the model, the verdict is beside the others, and instances are upgraded", () => {
  const plan = planAt(at, [aksEntry(), changed], afterThree([aksEntry(), changed]));
  expect(words(plan)).toBe("converging rollout -> upgrade-instances rollout");
  expect(plan.verdicts).toContainEqual(
    expect.objectContaining({
      state: "refused",
      reason: "write-without-effect",
      message: expect.stringContaining("these properties differ again: enableAutomaticUpgrade"),
    }),
  );
});

test.each([
  {
    when: "AKS has worked on the pool since the first of them",
    change: (m: ExtensionMemory) => withSet(m, { aksWorkedAt: NOW }),
  },
  { when: "a resync was requested", change: forgetWaits },
])("another write follows at once, if $when", ({ change }) => {
  expect(words(planAt(at, [aksEntry()], change(afterThree([aksEntry()]))))).toMatch(/^acting missing/);
});

test("a renewal of the link is no such write", () => {
  const expiring = ourEntry({ tag: build.tag({ linkExpiresAt: NOW }) });
  const [put] = planAt(NOW, [aksEntry(), expiring], memory()).actions;
  expect(put?.reason).toBe("link-expiring");
  const plan = planAt(NOW, [aksEntry(), expiring], memory());
  const outcomes = plan.actions.map((action) => ({ action, at: NOW, status: "submitted" as const }));
  expect(remember(memory(), plan, outcomes).scaleSets[SET_ID]?.puts).toBeUndefined();
});

test("the extension missing three times in seven hours is written at once each time", () => {
  const hourly = afterThree([aksEntry()]);
  const puts = hourly.scaleSets[SET_ID]?.puts;
  const spread = withSet(hourly, { puts: puts && { ...puts, times: [NOW - 7 * HOUR, NOW - 2 * HOUR, NOW - HOUR] } });
  expect(words(planAt(NOW, [aksEntry()], spread))).toMatch(/^acting missing/);
});
