import { describe, expect, test } from "vitest";
import type { OperationMemory } from "../../shared/extension/call-memory.ts";
import type { InstanceMemory } from "../../shared/extension/instance-memory.ts";
import type { ScaleSetMemory } from "../../shared/extension/memory.ts";
import type { ExtensionTag } from "../../shared/model/extension.ts";
import type { Instance, ScaleSet } from "../../shared/model/scale-set.ts";
import * as build from "../build.ts";
import { record } from "./recorded-scale-set.ts";

const { DAY, HOUR, MARKER, NOW, OLD_MARKER } = build;
const { aksEntry, attempts, cse, instance, known, operation, ourEntry, ours, tag } = build;

interface Case {
  readonly when: string;
  readonly as?: Partial<Instance>;
  /** `null`: not in memory. */
  readonly before?: Partial<InstanceMemory> | null;
  readonly set?: Partial<ScaleSet>;
  readonly operation?: Partial<OperationMemory>;
  readonly known?: Partial<ScaleSetMemory>;
  readonly marker: string | undefined;
}

function recordInstance({
  as,
  before,
  set,
  operation: own,
  known: remembered,
}: Omit<Case, "when" | "marker">): InstanceMemory | undefined {
  const instances = before === null ? {} : known("0", before);
  const running = own && operation({ kind: "upgrade-instances", instances: ["vm-0"], ...own });
  const memory = { ...remembered, instances, operation: running };
  return record({ instances: [instance("0", as)], ...set }, memory).instances["vm-0"];
}

const notLatest = { latestModelApplied: false };
const upgraded = { marker: undefined, attempts: attempts() };
const withoutOurs = { extensions: [aksEntry()] };

const CARRIED: readonly Case[] = [
  { when: "the latest model is applied", before: null, marker: MARKER },
  { when: "another model is applied, and no marker is in memory", as: notLatest, before: null, marker: undefined },
  {
    when: "another model is applied, and a marker is in memory",
    as: notLatest,
    before: { marker: OLD_MARKER },
    marker: OLD_MARKER,
  },
  {
    when: "the latest model is applied, and another marker is in memory",
    before: { marker: OLD_MARKER },
    marker: MARKER,
  },
  {
    when: "the latest model is applied and does not have our extension",
    before: null,
    set: withoutOurs,
    marker: undefined,
  },
  {
    when: "the latest model is applied and its tag cannot be read",
    before: null,
    set: { extensions: [ourEntry({ tag: undefined })] },
    marker: undefined,
  },
  {
    when: "ARM returns its tag, with another marker in memory",
    as: { extensions: [cse(), ours({ tag: tag({ marker: OLD_MARKER }) })] },
    marker: OLD_MARKER,
  },
  {
    when: "the latest model is applied, and the extension is transitioning",
    as: { extensions: [cse(), ours({ state: "transitioning" })] },
    before: null,
    marker: undefined,
  },
  {
    when: "the latest model is applied, the extension failed, and another marker is in memory",
    as: { extensions: [cse(), ours({ state: "failed" })] },
    before: { marker: OLD_MARKER },
    marker: OLD_MARKER,
  },
  {
    when: "our upgrade of it succeeded",
    as: notLatest,
    before: upgraded,
    operation: { state: "succeeded" },
    marker: MARKER,
  },
  { when: "our upgrade of it is running", as: notLatest, before: upgraded, operation: {}, marker: undefined },
  {
    when: "our upgrade of it failed",
    as: notLatest,
    before: upgraded,
    operation: { state: "failed" },
    marker: undefined,
  },
  {
    when: "the result of our upgrade is unknown",
    as: notLatest,
    before: upgraded,
    operation: { state: "unknown" },
    marker: undefined,
  },
  {
    when: "our upgrade of another instance succeeded",
    as: notLatest,
    before: upgraded,
    operation: { state: "succeeded", instances: ["vm-1"] },
    marker: undefined,
  },
  {
    when: "our upgrade to another marker succeeded",
    as: notLatest,
    before: upgraded,
    operation: { state: "succeeded", marker: OLD_MARKER },
    marker: undefined,
  },
  {
    when: "our write of the model succeeded",
    as: notLatest,
    before: upgraded,
    operation: { state: "succeeded", kind: "put-extension" },
    marker: undefined,
  },
  {
    // Another actor applied a newer model after our upgrade.
    when: "another marker was observed after our last upgrade",
    as: notLatest,
    before: { attempts: attempts({ marker: OLD_MARKER, succeeded: true, lastAt: NOW - DAY }) },
    marker: MARKER,
  },
];

describe("the marker of an instance", () => {
  test.each(CARRIED)("$when: $marker", ({ marker, ...c }) => {
    expect(recordInstance(c)?.marker).toBe(marker);
  });

  test("is that of a successful upgrade even if the operation is no longer in memory", () => {
    const before = { marker: undefined, attempts: attempts({ succeeded: true }) };
    expect(recordInstance({ as: notLatest, before })?.marker).toBe(MARKER);
  });
});

describe("the marker with which the extension failed", () => {
  const failed = { extensions: [cse(), ours({ state: "failed" })] };

  test.each([
    { when: "the latest model is applied", as: failed, before: null, marker: MARKER },
    {
      when: "another model is applied",
      as: { ...failed, ...notLatest },
      before: { failedMarker: OLD_MARKER },
      marker: OLD_MARKER,
    },
    {
      when: "ARM returns its tag",
      as: { extensions: [ours({ state: "failed", tag: tag({ marker: OLD_MARKER }) })] },
      marker: OLD_MARKER,
    },
  ])("$when: $marker", ({ marker, ...c }) => {
    expect(recordInstance(c)?.failedMarker).toBe(marker);
  });
});

describe("what an instance was provisioned with", () => {
  const model = { extensions: [aksEntry(), ourEntry({ tag: tag({ try: 3 }) })] };
  const seen = (lastTag: ExtensionTag | undefined, before: Partial<InstanceMemory> | null = null) =>
    recordInstance({ as: { ...notLatest, extensions: [cse()] }, before, set: model, known: { lastTag } })?.provisioned;

  test.each([
    {
      when: "the model had the same tag in the pass before",
      lastTag: tag({ try: 3 }),
      expected: { marker: MARKER, try: 3 },
    },
    { when: "it had another link", lastTag: tag({ try: 3, linkExpiresAt: NOW }), expected: undefined },
    { when: "it had another try", lastTag: tag({ try: 2 }), expected: undefined },
    { when: "no pass was before", lastTag: undefined, expected: undefined },
  ])("is $expected if $when, for a new and for a reimaged instance", ({ lastTag, expected }) => {
    expect(seen(lastTag)).toEqual(expected);
    expect(seen(lastTag, { hadExtension: true })).toEqual(expected);
  });

  test("is kept from then on, and says what it carries when the extension succeeds", () => {
    const provisioned = { marker: OLD_MARKER, try: 1 };
    const before = { marker: undefined, provisioned };
    expect(recordInstance({ as: notLatest, before })).toMatchObject({ provisioned, marker: OLD_MARKER });
  });
});

describe("the attempts on an instance", () => {
  const failed = { ...notLatest, extensions: [cse(), ours({ state: "failed" })] };
  const first = { marker: MARKER, count: 1, lastAt: NOW, failedAt: NOW, succeeded: false };

  test.each([
    {
      when: "provisioned with a known try",
      c: { before: { marker: undefined, provisioned: { marker: MARKER, try: 2 } } },
      expected: { ...first, try: 2, isTryKnown: true },
    },
    {
      when: "with its tag",
      c: { as: { ...failed, extensions: [ours({ state: "failed", tag: tag({ try: 5 }) })] } },
      expected: { ...first, try: 5, isTryKnown: true },
    },
    {
      when: "with an unknown try, which is taken for that of the model",
      c: { before: null, set: { extensions: [ourEntry({ tag: tag({ try: 7 }) })] } },
      expected: { ...first, try: 7, isTryKnown: false },
    },
    {
      when: "after our upgrade",
      c: { before: { attempts: attempts({ count: 2, try: 1 }) } },
      expected: attempts({ count: 2, try: 1, failedAt: NOW }),
    },
    {
      when: "as in the pass before",
      c: { before: { attempts: attempts({ failedAt: NOW - HOUR }) } },
      expected: attempts({ failedAt: NOW - HOUR }),
    },
  ])("that failed $when", ({ c, expected }) => {
    expect(recordInstance({ as: failed, ...c })?.attempts).toMatchObject(expected);
  });

  test("do not take the view before our upgrade for its result", () => {
    const before = { attempts: attempts({ lastAt: NOW }) };
    expect(recordInstance({ as: failed, before, operation: {} })?.attempts).toMatchObject({ failedAt: undefined });
  });

  test("end when the instance carries their marker, and with them a requested retry", () => {
    const before = { attempts: attempts({ count: 4 }), retryAfterTry: 0 };
    expect(recordInstance({ before })).toMatchObject({ attempts: undefined, retryAfterTry: undefined });
    expect(recordInstance({ as: failed, before })).toMatchObject({ attempts: { count: 4 }, retryAfterTry: 0 });
  });
});

test("succeededSince is the first of the consecutive passes that saw the extension as succeeded", () => {
  expect(recordInstance({ before: { succeededSince: NOW - HOUR } })?.succeededSince).toBe(NOW - HOUR);
  expect(recordInstance({ before: { succeededSince: undefined } })?.succeededSince).toBe(NOW);
  const before = { succeededSince: NOW - HOUR };
  const installing = { extensions: [cse(), ours({ state: "transitioning" })] };
  expect(recordInstance({ as: installing, before })?.succeededSince).toBeUndefined();
  expect(recordInstance({ before, operation: {} })?.succeededSince).toBeUndefined();
});

describe("an instance without our extension", () => {
  const withoutExtension = { extensions: [cse()] };
  const before = { attempts: attempts({ succeeded: true }), failedMarker: MARKER };
  const cleared = {
    marker: undefined,
    failedMarker: undefined,
    attempts: undefined,
    succeededAt: undefined,
    hadExtension: false,
  };
  const kept = { marker: MARKER, ...before, succeededAt: NOW - HOUR, hadExtension: true };

  test.each([
    { when: "that is healthy: its memory is cleared", as: withoutExtension, expected: cleared },
    {
      when: "that is Failed: its memory is cleared",
      as: { ...withoutExtension, provisioningState: "Failed" },
      expected: cleared,
    },
    { when: "that is deallocated: its memory is kept", as: { ...withoutExtension, isRunning: false }, expected: kept },
    {
      when: "whose agent is not ready: its memory is kept",
      as: { ...withoutExtension, agentReady: false },
      expected: kept,
    },
    {
      when: "with an operation in progress: its memory is kept",
      as: { ...withoutExtension, provisioningState: "Updating" },
      expected: kept,
    },
  ])("$when", ({ as, expected }) => {
    expect(recordInstance({ as, before })).toMatchObject(expected);
  });

  test("that never had the extension: its attempts are kept", () => {
    expect(recordInstance({ as: withoutExtension, before: { ...before, hadExtension: false } })?.attempts).toEqual(
      before.attempts,
    );
  });
});

test("an instance with the same ID but another vmId is a new one, and deleted instances are removed", () => {
  const { instances } = record({ instances: [instance("0", { vmId: "vm-new", latestModelApplied: false })] });
  expect(Object.keys(instances)).toEqual(["vm-new"]);
  expect(instances["vm-new"]).toMatchObject({ marker: undefined, hadExtension: true });
});

test("succeededAt is when the extension was last observed as succeeded, with any marker", () => {
  expect(recordInstance({ as: notLatest, before: { marker: undefined } })?.succeededAt).toBe(NOW);
  expect(recordInstance({ as: { isRunning: false, extensions: [] } })).toMatchObject({
    succeededAt: NOW - HOUR,
    isRunning: false,
  });
});
