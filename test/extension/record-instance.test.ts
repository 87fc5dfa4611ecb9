import { describe, expect, test } from "vitest";
import type { InstanceMemory, OperationMemory } from "../../shared/extension/memory.ts";
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
  readonly marker: string | undefined;
}

function recordInstance({
  as,
  before,
  set,
  operation: own,
}: Omit<Case, "when" | "marker">): InstanceMemory | undefined {
  const instances = before === null ? {} : known("0", before);
  const remembered = {
    instances,
    operation: own && operation({ kind: "upgrade-instances", instances: ["vm-0"], ...own }),
  };
  return record({ instances: [instance("0", as)], ...set }, remembered).instances["vm-0"];
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
