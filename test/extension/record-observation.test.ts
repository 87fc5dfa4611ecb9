import { describe, expect, test } from "vitest";
import { EMPTY_MEMORY, type ExtensionMemory, type ScaleSetMemory } from "../../shared/extension/memory.ts";
import { planExtension } from "../../shared/extension/plan.ts";
import { recordObservation } from "../../shared/extension/record-observation.ts";
import type { CallFailure } from "../../shared/model/failure.ts";
import type { Instance, ScaleSet } from "../../shared/model/scale-set.ts";
import * as build from "../build.ts";
import { record } from "./recorded-scale-set.ts";

const { DAY, HOUR, MINUTE, NOW, OLD_MARKER, OLD_PACKAGE, OTHER_OWNER, PACKAGE, SET_ID } = build;
const { aksEntry, cse, desired, instance, known, memory, observed, operation, ourEntry, ours, scaleSet, tag } = build;

const notLatest = { latestModelApplied: false };
const withoutOurs = { extensions: [aksEntry()] };

describe("a scale set", () => {
  test.each(["succeeded", "failed", "unknown", "running"] as const)(
    "has the observed state of our operation: %s",
    (state) => {
      const endedAt = state === "running" ? undefined : NOW;
      expect(record({ ownOperation: { state } }, { operation: operation() }).operation).toEqual(
        operation({ state, endedAt }),
      );
    },
  );

  test.each([
    { provisioningState: "Updating", after: 2 * HOUR, state: "running" },
    { provisioningState: "Succeeded", after: MINUTE - 1, state: "running" },
    { provisioningState: "Succeeded", after: MINUTE, state: "unknown" },
    { provisioningState: "Failed", after: MINUTE, state: "unknown" },
  ])("an unknown operation after $after ms, with the scale set $provisioningState, is $state", (row) => {
    const { provisioningState, after, state } = row;
    const set = { provisioningState, ownOperation: { state: "unknown" } } as const;
    expect(record(set, { operation: operation({ submittedAt: NOW - after }) }).operation?.state).toBe(state);
  });

  test("keeps the state of an operation that was not read", () => {
    expect(record({}, { operation: operation({ state: "failed" }) }).operation?.state).toBe("failed");
  });

  const failedPool = { pools: [build.pool({ provisioningState: "Failed" })] };
  test.each([
    { when: "the scale set is Failed", set: { provisioningState: "Failed" }, before: undefined, since: NOW },
    { when: "the pool is Failed", world: failedPool, before: undefined, since: NOW },
    {
      when: "the cluster is Canceled",
      world: { cluster: build.cluster({ provisioningState: "Canceled" }) },
      since: NOW,
    },
    { when: "the pool has been Failed for an hour", world: failedPool, before: NOW - HOUR, since: NOW - HOUR },
    { when: "nothing is Failed any more", before: NOW - HOUR, since: undefined },
    {
      when: "another pool is Failed",
      world: { pools: [build.pool(), build.pool({ name: "win2", provisioningState: "Failed" })] },
      since: undefined,
    },
    { when: "the pool is Failed, and its tag differs in case", set: { pool: "WIN1" }, world: failedPool, since: NOW },
  ])("has failedSince from the first pass that observed the failure: $when", ({ set, before, world, since }) => {
    expect(record(set ?? {}, { failedSince: before }, world).failedSince).toBe(since);
  });

  test("keeps another owner of our extension in the model, also after AKS has removed the extension", () => {
    const foreign = { extensions: [ourEntry({ tag: tag({ owner: OTHER_OWNER }) })] };
    const before = { owner: OTHER_OWNER, seenAt: NOW - HOUR };
    expect(record(foreign).otherOwner).toEqual({ owner: OTHER_OWNER, seenAt: NOW });
    expect(record(withoutOurs, { otherOwner: before }).otherOwner).toEqual(before);
    expect(record({}).otherOwner).toBeUndefined();
  });

  // The remedy in the verdict: "set OWNER of this app to the other app's name to take over".
  test("with another owner is taken over after OWNER is set to that owner", () => {
    const world = observed({
      scaleSets: [scaleSet({ extensions: [aksEntry(), ourEntry({ tag: tag({ owner: OTHER_OWNER }) })] })],
    });
    const after = recordObservation(
      recordObservation(EMPTY_MEMORY, world, desired()),
      world,
      desired({ owner: OTHER_OWNER }),
    );
    const { verdicts } = planExtension(build.CLUSTER_ID, build.desired({ owner: OTHER_OWNER }), world, after);
    expect(verdicts[0]?.reason).not.toBe("other-owner");
  });
});

describe("a cluster", () => {
  test("keeps its last valid manifest and node resource group, but not deleted scale sets", () => {
    const first = recordObservation(EMPTY_MEMORY, observed(), desired());
    expect(first).toMatchObject({ package: PACKAGE, nodeResourceGroup: "mc_shop" });
    const packages = { current: { problem: "expected JSON" }, checks: {} };
    const later = recordObservation(first, observed({ cluster: undefined, scaleSets: [], packages }), desired());
    expect(later).toMatchObject({ package: PACKAGE, nodeResourceGroup: "mc_shop", scaleSets: {} });
    expect(recordObservation(memory({}, { package: OLD_PACKAGE }), observed(), desired()).package).toEqual(PACKAGE);
  });
});

describe("a scale set whose instances cannot be listed", () => {
  const { instances: _instances, ownOperation: _operation, ...model } = scaleSet();
  const recordFailures = (failures: readonly (CallFailure | undefined)[]): ScaleSetMemory | undefined => {
    let remembered = memory({ unharmedAt: NOW });
    for (const failure of failures) {
      const seen = observed({ scaleSets: [], unreadable: [{ model, failure }] });
      remembered = recordObservation(remembered, seen, desired());
    }
    return remembered.scaleSets[SET_ID];
  };
  const broken: CallFailure = { fault: "transient", message: "500" };

  test.each([
    { failures: [broken], wait: MINUTE, reason: "read-failed" },
    { failures: [broken, broken], wait: 2 * MINUTE, reason: "read-failed" },
    { failures: [broken, broken, broken, broken, broken], wait: 5 * MINUTE, reason: "read-failed" },
    { failures: [{ ...broken, fault: "throttled", retryAfterMs: HOUR }], wait: HOUR, reason: "throttled" },
    { failures: [{ ...broken, fault: "denied" }], wait: MINUTE, reason: "denied" },
    // Without a failure, the pass has not read the list.
    { failures: [broken, undefined], wait: MINUTE, reason: "read-failed" },
  ] as const)("after $failures.length passes it is read again in $wait ms, because $reason", (row) => {
    const { failures, wait, reason } = row;
    expect(recordFailures(failures)).toMatchObject({ unreadable: { reason, until: NOW + wait } });
  });

  test("keeps its memory, and loses the wait with the next complete list", () => {
    const before = recordFailures([broken]);
    expect(before).toMatchObject({ unharmedAt: NOW, instances: known("0") });
    expect(record({}, before).unreadable).toBeUndefined();
  });
});

describe("the proven packages after a loss of memory", () => {
  const withoutExtension = { extensions: [cse()] };
  const other = scaleSet({ id: build.setIdOf("akswin2"), name: "akswin2", pool: "win2" });
  const cases: readonly { readonly when: string; readonly one: Partial<Instance>; readonly isProven: boolean }[] = [
    { when: "every instance has it", one: {}, isProven: true },
    { when: "the marker of an instance is unknown", one: notLatest, isProven: true },
    { when: "another instance is deallocated", one: { ...withoutExtension, isRunning: false }, isProven: true },
    {
      when: "another instance is being created",
      one: { ...withoutExtension, provisioningState: "Creating" },
      isProven: true,
    },
    { when: "an instance does not have it", one: withoutExtension, isProven: false },
    { when: "it failed on an instance", one: { extensions: [cse(), ours({ state: "failed" })] }, isProven: false },
    {
      when: "an instance has another package",
      one: { extensions: [cse(), ours({ tag: tag({ marker: OLD_MARKER }) })] },
      isProven: false,
    },
  ];

  test.each(cases)("contain the named one of every model when $when: $isProven", ({ one, isProven }) => {
    expect(provenAfterLoss([scaleSet({ instances: [instance("0"), instance("1", one)] }), other])).toEqual(
      isProven ? [PACKAGE.hash] : [],
    );
  });

  test("contain those of models that have another one, and not the named one then", () => {
    const old = { ...other, extensions: [aksEntry(), ourEntry({}, OLD_PACKAGE)] };
    expect(provenAfterLoss([scaleSet(), old])).toEqual([OLD_PACKAGE.hash]);
  });

  test("and a failure that is there already counts against none", () => {
    const failed = instance("0", { extensions: [cse(), ours({ state: "failed", tag: tag() })] });
    const world = observed({ scaleSets: [scaleSet({ instances: [failed] })] });
    const isTryKnown = (before: ExtensionMemory): unknown =>
      recordObservation(before, world, desired()).scaleSets[SET_ID]?.instances["vm-0"]?.attempts?.isTryKnown;
    expect(isTryKnown(EMPTY_MEMORY)).toBe(false);
    expect(isTryKnown(memory({ instances: {} }))).toBe(true);
  });
});

describe("a lost memory", () => {
  const bare = [instance("0", { extensions: [cse()] })];

  test.each([
    { when: "our extension is in the model", set: { instances: bare }, upgradesFrom: NOW + 15 * MINUTE },
    { when: "our extension is on an instance", set: withoutOurs, upgradesFrom: NOW + 15 * MINUTE },
    {
      when: "nothing of ours is there: the first pass",
      set: { ...withoutOurs, instances: bare },
      upgradesFrom: undefined,
    },
  ])("holds the upgrades until $upgradesFrom, when $when", ({ set, upgradesFrom: expected }) => {
    expect(upgradesFrom(set)).toBe(expected);
  });

  test("does not hold them longer with every pass, nor where memory has a scale set", () => {
    const first = recordObservation(EMPTY_MEMORY, observed({ at: NOW - MINUTE }), desired());
    expect(upgradesFrom({}, first)).toBe(NOW + 14 * MINUTE);
    expect(upgradesFrom({}, memory())).toBeUndefined();
  });
});

function upgradesFrom(set: Partial<ScaleSet>, before = EMPTY_MEMORY): number | undefined {
  return recordObservation(before, observed({ scaleSets: [scaleSet(set)] }), desired()).upgradesFrom;
}

function provenAfterLoss(scaleSets: readonly ScaleSet[]): readonly string[] {
  return recordObservation(EMPTY_MEMORY, observed({ scaleSets }), desired({ soakMs: DAY })).proven.map(
    ({ hash }) => hash,
  );
}
