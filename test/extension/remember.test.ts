import { describe, expect, test } from "vitest";
import { forgetWaits } from "../../shared/extension/forget-waits.ts";
import {
  EMPTY_MEMORY,
  type ExtensionMemory,
  parseExtensionMemory,
  type ScaleSetMemory,
} from "../../shared/extension/memory.ts";
import { planExtension } from "../../shared/extension/plan.ts";
import { recordObservation } from "../../shared/extension/record-observation.ts";
import { remember } from "../../shared/extension/remember.ts";
import type { ExtensionAction, Outcome } from "../../shared/model/action.ts";
import type { CallFailure } from "../../shared/model/failure.ts";
import type { Plan } from "../../shared/model/plan.ts";
import type { Instance } from "../../shared/model/scale-set.ts";
import * as build from "../build.ts";
import { words } from "../planned.ts";

const { CLUSTER_ID, DAY, HOUR, MARKER, MINUTE, NOW, OLD_MARKER, SET_ID } = build;
const { aksEntry, attempts, cse, desired, instance, known, memory, observed, operation, scaleSet } = build;

const absent = observed({ scaleSets: [scaleSet({ extensions: [aksEntry()] })] });
const twoOutdated = observed({
  scaleSets: [scaleSet({ instances: ["0", "1"].map((id) => instance(id, { extensions: [cse()] })) })],
});

function planned(world: typeof absent, before: ExtensionMemory = memory()): Plan<ExtensionAction> {
  return planExtension(CLUSTER_ID, desired(), world, before);
}

function setOf({ scaleSets }: ExtensionMemory): ScaleSetMemory {
  const set = scaleSets[SET_ID];
  if (!set) throw new Error("the scale set is not in memory");
  return set;
}

/** Plans, gives every action the same outcome, and remembers it. */
function pass(
  world: typeof absent,
  outcome: Omit<Outcome, "action" | "at">,
  before: ExtensionMemory = memory(),
): ExtensionMemory {
  const plan = planned(world, before);
  expect(plan.actions).not.toEqual([]);
  const outcomes = plan.actions.map((action) => ({ action, at: world.at, ...outcome }));
  return remember(before, plan, outcomes);
}

function failure(fault: CallFailure["fault"], retryAfterMs?: number): Omit<Outcome, "action" | "at"> {
  const error = { fault, message: `it is ${fault}` };
  return { status: "failed", error: retryAfterMs === undefined ? error : { ...error, retryAfterMs } };
}

describe("a submitted action", () => {
  test("that writes the model is the running operation, with a link issued now", () => {
    const set = setOf(pass(absent, { status: "submitted", operation: "poller" }));
    const put = operation({ poller: "poller", submittedAt: NOW });
    expect(set).toMatchObject({ operation: put, linkIssuedAt: NOW, instances: known("0") });
  });

  test("that upgrades instances is the running operation, the last batch, and an attempt for each instance", () => {
    const set = setOf(pass(twoOutdated, { status: "submitted", operation: "poller" }));
    expect(set).toMatchObject({
      operation: { kind: "upgrade-instances", marker: MARKER, instances: ["vm-0"], state: "running", submittedAt: NOW },
      linkIssuedAt: NOW - DAY,
      batch: { marker: MARKER, submittedAt: 0, isAccepted: true, endedAt: undefined, members: [{ vmId: "vm-0" }] },
      instances: { "vm-0": { attempts: attempts({ count: 1, lastAt: NOW }) } },
    });
    expect(Object.keys(set.instances)).toEqual(["vm-0"]);
  });

  test.each([
    {
      when: "that repeats an upgrade to the same marker increases the count",
      before: attempts({ count: 2, lastAt: NOW - HOUR }),
      count: 3,
    },
    {
      when: "that upgrades to another marker restarts the count",
      before: attempts({ count: 2, marker: OLD_MARKER }),
      count: 1,
    },
  ])("$when", ({ before, count }) => {
    const instances = known("0", { attempts: before });
    const start = memory({ instances });
    const world = { ...twoOutdated, scaleSets: [scaleSet({ instances: [instance("0", { extensions: [cse()] })] })] };
    const after = setOf(pass(world, { status: "submitted" }, start)).instances["vm-0"]?.attempts;
    expect(after).toEqual(attempts({ count, lastAt: NOW }));
  });
});

test.each(["withheld", "dropped", "done"] as const)(
  "an action that was %s does not change the memory of the scale set",
  (status) => {
    expect(pass(absent, { status }).scaleSets).toEqual(memory().scaleSets);
  },
);

describe("a plan", () => {
  const busy = observed({ cluster: build.cluster({ provisioningState: "Updating" }) });

  test("the passes in a row with an operation of AKS are counted, and a pass without one resets the count", () => {
    let m = memory();
    for (let i = 1; i <= 3; i++) {
      m = remember(m, planned(busy, m), []);
      expect(m.busyPasses).toBe(i);
    }
    expect(remember(m, planned(observed(), m), []).busyPasses).toBe(0);
  });
});

describe("after a failed write", () => {
  test.each([{ fault: "denied" }, { fault: "bug" }, { fault: "throttled" }, { fault: "transient" }] as const)(
    "$fault: the app does not retry for 5 and 15 minutes, 1, 6, then 24 hours",
    ({ fault }) => {
      let m = memory();
      let at = NOW;
      for (const wait of [5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY, DAY]) {
        m = pass({ ...absent, at }, failure(fault), m);
        expect(planned({ ...absent, at: at + wait - 1 }, m).actions).toEqual([]);
        at += wait;
      }
    },
  );

  test.each(["conflict", "not-found"] as const)("%s: the next pass retries twice, then the app waits", (fault) => {
    const once = pass(absent, failure(fault));
    const twice = pass(absent, failure(fault), once);
    const often = pass(absent, failure(fault), twice);
    expect([once, twice, often].map((m) => planned(absent, m).actions.length)).toEqual([1, 1, 0]);
    expect(planned({ ...absent, at: NOW + 5 * MINUTE }, often).actions).toHaveLength(1);
  });

  test.each([
    { code: "ScopeLocked", reason: "scope-locked" },
    { code: "RequestDisallowedByPolicy", reason: "denied-by-policy" },
    { code: "ReadOnlyDisabledSubscription", reason: "denied" },
  ])("the verdict of $code is refused $reason", ({ code, reason }) => {
    const error = { fault: "denied", message: "no", code } as const;
    expect(words(planned(absent, pass(absent, { status: "failed", error })))).toBe(`refused ${reason}`);
  });

  test("the app waits for the time of Retry-After", () => {
    const m = pass(absent, failure("throttled", 7 * MINUTE));
    expect(planned({ ...absent, at: NOW + 7 * MINUTE - 1 }, m)).toMatchObject({
      actions: [],
      requeueAt: NOW + 7 * MINUTE,
    });
    expect(planned({ ...absent, at: NOW + 7 * MINUTE }, m).actions).toHaveLength(1);
  });

  test("the verdict has the error, and the next pass is due at the next attempt", () => {
    const m = pass(absent, failure("denied"));
    const waiting = planned({ ...absent, at: NOW + 4 * MINUTE }, m);
    expect(words(waiting)).toBe("refused denied");
    expect(waiting.verdicts[0]?.message).toBe("it is denied");
    expect(waiting.requeueAt).toBe(NOW + 5 * MINUTE);
    expect(words(planned(absent, pass(absent, failure("throttled"))))).toBe("waiting throttled");
  });

  test.each([
    { fault: "bug", held: 1 },
    { fault: "transient", held: 1 },
    { fault: "denied", held: 0 },
  ] as const)("$fault: $held writes of another package", ({ fault, held }) => {
    const failed = pass(absent, failure(fault));
    const packages = { ...absent.packages, current: { package: build.OLD_PACKAGE } };
    expect(planned({ ...absent, packages }, failed).actions).toHaveLength(held);
  });

  // `provisionAfterExtensions` is part of the body.
  test("a write whose body no longer depends on another extension is not held", () => {
    const denied = pass(absent, failure("bug"));
    const renamed = { ...absent, scaleSets: [scaleSet({ extensions: [aksEntry({ name: "vmssCSE2" })] })] };
    expect(planned(renamed, denied).actions).toHaveLength(1);
  });

  test("an action of another kind is held only after a 429", () => {
    expect(planned(twoOutdated, pass(absent, failure("denied"))).actions).toHaveLength(1);
    expect(planned(twoOutdated, pass(absent, failure("throttled"))).actions).toEqual([]);
  });
});

describe("the wait after a failed write", () => {
  test("ends with a resync, which resets the count", () => {
    const twice = pass({ ...absent, at: NOW + HOUR }, failure("denied"), pass(absent, failure("denied")));
    const reset = forgetWaits(twice);
    expect(planned(absent, reset).actions).toHaveLength(1);
    expect(setOf(pass(absent, failure("denied"), reset)).backOff).toMatchObject({
      attempts: 1,
      until: NOW + 5 * MINUTE,
    });
  });

  test("does not end with a resync after a 429", () => {
    const throttled = pass(absent, failure("throttled", HOUR));
    expect(planned(absent, forgetWaits(throttled)).actions).toEqual([]);
  });

  test("ends with a submitted write", () => {
    const denied = pass(absent, failure("denied"));
    expect(setOf(pass({ ...absent, at: NOW + HOUR }, { status: "submitted" }, denied)).backOff).toBeUndefined();
  });
});

describe("a failed write does not hold", () => {
  test("a write to another scale set", () => {
    const other = scaleSet({ id: build.setIdOf("akswin2"), name: "akswin2", extensions: [aksEntry()] });
    const both = { ...absent, scaleSets: [...absent.scaleSets, other] };
    expect(planned(both, pass(absent, failure("throttled"))).actions).toMatchObject([{ scaleSet: other.id }]);
  });
});

function three(latestModelApplied: boolean): readonly Instance[] {
  return ["0", "1", "2"].map((id) => instance(id, { latestModelApplied }));
}

describe("a lost memory", () => {
  test("causes no action if the latest model is applied", () => {
    const world = observed({ scaleSets: [scaleSet({ instances: three(true) })] });
    expect(planned(world, recordObservation(EMPTY_MEMORY, world, desired())).actions).toEqual([]);
  });

  test("causes no write at all, if no instance shows its package", () => {
    let m = EMPTY_MEMORY;
    for (let i = 0; i < 48; i++) {
      const world = observed({ at: NOW + i * HOUR, scaleSets: [scaleSet({ instances: three(false) })] });
      m = recordObservation(m, world, desired());
      const plan = planned(world, m);
      expect(plan.actions.filter(({ reason }) => reason !== "link-expiring")).toEqual([]);
      m = remember(m, plan, []);
    }
  });

  test.each([undefined, null, "text", {}, { schema: 2, scaleSets: {}, since: {} }, { schema: 1, scaleSets: [] }])(
    "is assumed if the stored value is %j",
    (value) => {
      expect(parseExtensionMemory(value)).toBeUndefined();
    },
  );

  test("is not assumed if a memory is stored", () => {
    const stored = pass(absent, failure("denied"), memory({ instances: known("0", { marker: OLD_MARKER }) }));
    expect(parseExtensionMemory(JSON.parse(JSON.stringify(stored)))).toEqual(stored);
  });
});

test("failed writes of two packages are counted separately", () => {
  const failed = pass(absent, failure("bug"));
  const other = { ...absent, packages: { ...absent.packages, current: { package: build.OLD_PACKAGE } } };
  expect(setOf(pass(other, failure("bug"), failed)).backOff).toMatchObject({ attempts: 1 });
});
