import { describe, expect, test } from "vitest";
import {
  EMPTY_MEMORY,
  type InstanceMemory,
  type OperationMemory,
  type ScaleSetMemory,
} from "../../shared/extension/memory.ts";
import { planExtension } from "../../shared/extension/plan.ts";
import { recordObservation } from "../../shared/extension/record-observation.ts";
import type { ExtensionObserved } from "../../shared/model/observed.ts";
import type { Instance, ScaleSet } from "../../shared/model/scale-set.ts";
import * as build from "../build.ts";

const { DAY, HOUR, MARKER, NOW, OLD_MARKER, OLD_PACKAGE, OTHER_OWNER, OWNER, PACKAGE, SET_ID } = build;
const { aksEntry, attempts, cse, instance, known, memory, observed, operation, ourEntry, ours, scaleSet, tag } = build;

function see(
  set: Partial<ScaleSet>,
  before: Partial<ScaleSetMemory> = {},
  world: Partial<ExtensionObserved> = {},
): ScaleSetMemory {
  const seen = recordObservation(memory(before), observed({ scaleSets: [scaleSet(set)], ...world }), OWNER).scaleSets[
    SET_ID
  ];
  if (!seen) throw new Error("the scale set was forgotten");
  return seen;
}

interface Case {
  readonly when: string;
  readonly as?: Partial<Instance>;
  /** `null`: never seen before. */
  readonly before?: Partial<InstanceMemory> | null;
  readonly set?: Partial<ScaleSet>;
  readonly operation?: Partial<OperationMemory>;
  readonly marker: string | undefined;
}

function seeInstance({ as, before, set, operation: ran }: Omit<Case, "when" | "marker">): InstanceMemory | undefined {
  const instances = before === null ? {} : known("0", before);
  const remembered = {
    instances,
    operation: ran && operation({ kind: "upgrade-instances", instances: ["vm-0"], ...ran }),
  };
  return see({ instances: [instance("0", as)], ...set }, remembered).instances["vm-0"];
}

const differing = { latestModelApplied: false };
const upgraded = { marker: undefined, attempts: attempts() };
const without = { extensions: [aksEntry()] };

const CARRIED: readonly Case[] = [
  { when: "the model with it was applied", before: null, marker: MARKER },
  { when: "the model differs, and nothing is known", as: differing, before: null, marker: undefined },
  { when: "the model differs, and it is known", as: differing, before: { marker: OLD_MARKER }, marker: OLD_MARKER },
  { when: "a newer model was applied", before: { marker: OLD_MARKER }, marker: MARKER },
  { when: "the applied model has no extension of ours", before: null, set: without, marker: undefined },
  {
    when: "the applied model's tag can't be read",
    before: null,
    set: { extensions: [ourEntry({ tag: undefined })] },
    marker: undefined,
  },
  {
    when: "ARM shows its tag, whatever else is known",
    as: { extensions: [cse(), ours({ tag: tag({ marker: OLD_MARKER }) })] },
    marker: OLD_MARKER,
  },
  {
    when: "it is still transitioning under an applied model",
    as: { extensions: [cse(), ours({ state: "transitioning" })] },
    before: null,
    marker: undefined,
  },
  {
    when: "it failed under an applied model, but once had another",
    as: { extensions: [cse(), ours({ state: "failed" })] },
    before: { marker: OLD_MARKER },
    marker: OLD_MARKER,
  },
  {
    when: "our upgrade of it succeeded",
    as: differing,
    before: upgraded,
    operation: { state: "succeeded" },
    marker: MARKER,
  },
  { when: "our upgrade of it runs", as: differing, before: upgraded, operation: {}, marker: undefined },
  {
    when: "our upgrade of it failed",
    as: differing,
    before: upgraded,
    operation: { state: "failed" },
    marker: undefined,
  },
  {
    when: "our upgrade is not known any more",
    as: differing,
    before: upgraded,
    operation: { state: "unknown" },
    marker: undefined,
  },
  {
    when: "our upgrade of another succeeded",
    as: differing,
    before: upgraded,
    operation: { state: "succeeded", instances: ["vm-1"] },
    marker: undefined,
  },
  {
    when: "our upgrade to another marker succeeded",
    as: differing,
    before: upgraded,
    operation: { state: "succeeded", marker: OLD_MARKER },
    marker: undefined,
  },
  {
    when: "our write of the model succeeded",
    as: differing,
    before: upgraded,
    operation: { state: "succeeded", kind: "put-extension" },
    marker: undefined,
  },
  {
    // the design: "the marker it was last *seen* to carry": another hand applied a newer model after our upgrade.
    when: "it was seen with a newer one than that of our last upgrade",
    as: differing,
    before: { attempts: attempts({ marker: OLD_MARKER, succeeded: true, lastAt: NOW - DAY }) },
    marker: MARKER,
  },
];

describe("the marker that an instance carries", () => {
  test.each(CARRIED)("$when: $marker", ({ marker, ...c }) => {
    expect(seeInstance(c)?.marker).toBe(marker);
  });

  test("stays, once an upgrade succeeded, though its operation is forgotten", () => {
    const before = { marker: undefined, attempts: attempts({ succeeded: true }) };
    expect(seeInstance({ as: differing, before })?.marker).toBe(MARKER);
  });
});

describe("the marker under which an instance failed", () => {
  const failed = { extensions: [cse(), ours({ state: "failed" })] };

  test.each([
    { when: "made from the model", as: failed, before: null, marker: MARKER },
    {
      when: "the model differs",
      as: { ...failed, ...differing },
      before: { failedMarker: OLD_MARKER },
      marker: OLD_MARKER,
    },
    {
      when: "ARM shows its tag",
      as: { extensions: [ours({ state: "failed", tag: tag({ marker: OLD_MARKER }) })] },
      marker: OLD_MARKER,
    },
  ])("$when: $marker", ({ marker, ...c }) => {
    expect(seeInstance(c)?.failedMarker).toBe(marker);
  });
});

describe("an instance without our extension", () => {
  const bare = { extensions: [cse()] };
  const before = { attempts: attempts({ succeeded: true }), failedMarker: MARKER };
  const forgotten = {
    marker: undefined,
    failedMarker: undefined,
    attempts: undefined,
    succeededAt: undefined,
    hadExtension: false,
  };
  const kept = { marker: MARKER, ...before, succeededAt: NOW - HOUR, hadExtension: true };

  test.each([
    { when: "well, was reimaged", as: bare, expected: forgotten },
    { when: "failed, was reimaged", as: { ...bare, provisioningState: "Failed" }, expected: forgotten },
    { when: "deallocated, forgets nothing", as: { ...bare, isRunning: false }, expected: kept },
    { when: "whose agent is silent, forgets nothing", as: { ...bare, agentReady: false }, expected: kept },
    {
      when: "in the middle of an operation, forgets nothing",
      as: { ...bare, provisioningState: "Updating" },
      expected: kept,
    },
  ])("$when", ({ as, expected }) => {
    expect(seeInstance({ as, before })).toMatchObject(expected);
  });

  test("that never had it keeps its attempts", () => {
    expect(seeInstance({ as: bare, before: { ...before, hadExtension: false } })?.attempts).toEqual(before.attempts);
  });
});

test("an instance of the same number but another vmId is another, and those gone are forgotten", () => {
  const { instances } = see({ instances: [instance("0", { vmId: "vm-new", latestModelApplied: false })] });
  expect(Object.keys(instances)).toEqual(["vm-new"]);
  expect(instances["vm-new"]).toMatchObject({ marker: undefined, hadExtension: true });
});

test("proof of an exporter is the last time that it was seen succeeded, whatever its marker", () => {
  expect(seeInstance({ as: differing, before: { marker: undefined } })?.succeededAt).toBe(NOW);
  expect(seeInstance({ as: { isRunning: false, extensions: [] } })).toMatchObject({
    succeededAt: NOW - HOUR,
    isRunning: false,
  });
});

describe("a package is proven in a pool", () => {
  const bare = { extensions: [cse()] };
  const failed = { extensions: [cse(), ours({ state: "failed" })] };
  const cases: readonly {
    readonly when: string;
    readonly one: Partial<Instance>;
    readonly proven: string | undefined;
  }[] = [
    { when: "when every instance carries it", one: {}, proven: MARKER },
    { when: "though one is deallocated", one: { ...bare, isRunning: false }, proven: MARKER },
    { when: "though one is just being made", one: { ...bare, provisioningState: "Creating" }, proven: MARKER },
    { when: "not while one is without", one: bare, proven: undefined },
    { when: "not while one has failed", one: failed, proven: undefined },
    { when: "not while the marker of one is unknown", one: differing, proven: undefined },
    {
      when: "not while one carries another",
      one: { extensions: [cse(), ours({ tag: tag({ marker: OLD_MARKER }) })] },
      proven: undefined,
    },
  ];

  test.each(cases)("$when", ({ one, proven }) => {
    expect(see({ instances: [instance("0"), instance("1", one)] }).provenMarker).toBe(proven);
  });

  test("and stays so, whatever comes", () => {
    expect(see({ instances: [] }, { provenMarker: MARKER }).provenMarker).toBe(MARKER);
    expect(see({ instances: [instance("0", bare)] }, { provenMarker: MARKER }).provenMarker).toBe(MARKER);
  });
});

describe("of a scale set", () => {
  test.each(["succeeded", "failed", "unknown", "running"] as const)("our operation is known to be %s", (state) => {
    const endedAt = state === "running" ? undefined : NOW;
    expect(see({ ownOperation: { state } }, { operation: operation() }).operation).toEqual(
      operation({ state, endedAt }),
    );
  });

  test("an operation that was not looked at is as it was", () => {
    expect(see({}, { operation: operation({ state: "failed" }) }).operation?.state).toBe("failed");
  });

  const failedPool = { pools: [build.pool({ provisioningState: "Failed" })] };
  test.each([
    { when: "the set fails", set: { provisioningState: "Failed" }, before: undefined, since: NOW },
    { when: "the pool fails", world: failedPool, before: undefined, since: NOW },
    {
      when: "the cluster is canceled",
      world: { cluster: build.cluster({ provisioningState: "Canceled" }) },
      since: NOW,
    },
    { when: "it has failed for an hour", world: failedPool, before: NOW - HOUR, since: NOW - HOUR },
    { when: "it is well again", before: NOW - HOUR, since: undefined },
    {
      when: "another pool fails",
      world: { pools: [build.pool(), build.pool({ name: "win2", provisioningState: "Failed" })] },
      since: undefined,
    },
    { when: "its pool, spelled otherwise, fails", set: { pool: "WIN1" }, world: failedPool, since: NOW },
  ])("it is failed from the first pass on that sees so: $when", ({ set, before, world, since }) => {
    expect(see(set ?? {}, { failedSince: before }, world).failedSince).toBe(since);
  });

  test("another owner is remembered when it is seen in the model, and after AKS has dropped it", () => {
    const foreign = { extensions: [ourEntry({ tag: tag({ owner: OTHER_OWNER }) })] };
    const before = { owner: OTHER_OWNER, seenAt: NOW - HOUR };
    expect(see(foreign).otherOwner).toEqual({ owner: OTHER_OWNER, seenAt: NOW });
    expect(see(without, { otherOwner: before }).otherOwner).toEqual(before);
    expect(see({}).otherOwner).toBeUndefined();
  });

  // The remedy in the verdict: "set OWNER of this app to the other app's name to take over".
  test("that another owner had, the app takes over once it bears that owner's name", () => {
    const world = observed({
      scaleSets: [scaleSet({ extensions: [aksEntry(), ourEntry({ tag: tag({ owner: OTHER_OWNER }) })] })],
    });
    const after = recordObservation(recordObservation(EMPTY_MEMORY, world, OWNER), world, OTHER_OWNER);
    const { verdicts } = planExtension(build.CLUSTER_ID, build.desired({ owner: OTHER_OWNER }), world, after);
    expect(verdicts[0]?.reason).not.toBe("other-owner");
  });
});

describe("of the cluster", () => {
  test("the last valid manifest and the node resource group are kept, but not scale sets that are gone", () => {
    const seen = recordObservation(EMPTY_MEMORY, observed(), OWNER);
    expect(seen).toMatchObject({ package: PACKAGE, nodeResourceGroup: "mc_shop" });
    const packages = { current: { problem: "expected JSON" }, checks: {} };
    const later = recordObservation(seen, observed({ cluster: undefined, scaleSets: [], packages }), OWNER);
    expect(later).toMatchObject({ package: PACKAGE, nodeResourceGroup: "mc_shop", scaleSets: {} });
    expect(recordObservation(memory({}, { package: OLD_PACKAGE }), observed(), OWNER).package).toEqual(PACKAGE);
  });
});
