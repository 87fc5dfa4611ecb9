import { describe, expect, test } from "vitest";
import { EMPTY_MEMORY, type ScaleSetMemory } from "../../shared/extension/memory.ts";
import { recordObservation } from "../../shared/extension/record-observation.ts";
import { recordUninstall } from "../../shared/extension/record-uninstall.ts";
import { remember } from "../../shared/extension/remember.ts";
import type { Package } from "../../shared/model/package.ts";
import type { Instance, InstanceExtension, ScaleSet } from "../../shared/model/scale-set.ts";
import { describeEvent } from "../../shared/report/timeline.ts";
import * as build from "../build.ts";
import { proof, withExtensions } from "./classified.ts";
import { record } from "./recorded-scale-set.ts";

const { DAY, HOUR, NOW, OLD_PACKAGE, PACKAGE, REMOVAL_MARKER } = build;
const { attempts, instance, known, ourEntry, ours, removalEntry, tag } = build;

const removed = on("0", { logs: [proof(REMOVAL_MARKER, "absent")] });
const installed = on("0", { logs: [proof()] });
const failed = on("0", { state: "failed", message: "cause", tag: tag({ marker: REMOVAL_MARKER }) });

function on(id: string, over: Partial<InstanceExtension>): Instance {
  return instance(id, withExtensions(ours(over)));
}

function trying(over: Parameters<typeof attempts>[0], more = {}): Partial<ScaleSetMemory> {
  return { instances: known("0", { attempts: attempts({ marker: REMOVAL_MARKER, ...over }), ...more }) };
}

describe("a removal in memory", () => {
  const before = { instances: known("0") };

  test.each([
    { when: "its evidence is shown", instances: [removed] },
    {
      when: "its tag is shown, in a cluster that never shows evidence",
      instances: [on("0", { tag: tag({ marker: REMOVAL_MARKER }) })],
    },
    { when: "its settings are shown, in such a cluster", instances: [on("0", { settings: removalEntry().settings })] },
  ])("ends the proof of an exporter if $when", ({ instances }) => {
    expect(record({ instances }, before).instances["vm-0"]).toMatchObject({
      succeededAt: undefined,
      succeededSince: undefined,
    });
  });

  test("is no proof of an exporter, and a success without evidence ends none where others show it", () => {
    const shown = record(
      { instances: [on("0", { tag: tag({ marker: REMOVAL_MARKER }) }), on("1", { logs: [proof()] })] },
      before,
    );
    expect(shown.instances["vm-0"]?.succeededAt).toBe(NOW - HOUR);
  });

  test("fails since its first failure, through all retries", () => {
    const since = NOW - 3 * HOUR;
    const first = record({ instances: [failed] }, trying({ failedAt: undefined }));
    expect(first.instances["vm-0"]?.attempts?.failingSince).toBe(NOW);
    const later = record({ instances: [failed] }, trying({ count: 3, failingSince: since }));
    expect(later.instances["vm-0"]?.attempts?.failingSince).toBe(since);
    const stuck = record(
      { instances: [on("0", { state: "transitioning" })] },
      trying({}, { installingSince: NOW - HOUR }),
    );
    expect(stuck.instances["vm-0"]?.attempts?.failingSince).toBe(NOW);
  });
});

describe("a pool that is uninstalled", () => {
  const uninstalling = build.desired(build.forPools({ uninstall: ["win1"] }));
  const gone = build.observed({
    scaleSets: [build.scaleSet({ extensions: [build.aksEntry()], instances: [removed] })],
  });
  const eventsOf = (desired: typeof uninstalling): readonly string[] =>
    recordObservation(build.memory({ hasExtension: true }), gone, desired).timeline.map(({ kind }) => kind);

  test("loses its extension and its exporters by the app, which is no event of another writer", () => {
    expect(eventsOf(build.desired())).toEqual(["dropped", "replaced"]);
    expect(eventsOf(uninstalling)).toEqual([]);
  });

  test("is not covered when it is no longer blind, and the failure of a removal is said as one", () => {
    const blind = { since: NOW - HOUR, ms: 0, nodes: 1 };
    const instances = known("0", { succeededAt: undefined, unprovenSince: NOW - HOUR });
    const world = build.observed({ scaleSets: [build.scaleSet({ instances: [failed] })] });
    const { timeline } = recordObservation(build.memory({ blind, instances }), world, uninstalling);
    expect(timeline.map(describeEvent)).toEqual([`The removal failed on ${failed.node} in win1.`]);
  });

  test("has no nodes without metrics that would count as blind", () => {
    expect(recordObservation(build.memory(), gone, uninstalling).scaleSets[build.SET_ID]).toMatchObject({
      blind: undefined,
      instances: { "vm-0": { unprovenSince: undefined } },
    });
  });

  test("proves no package after memory was lost: a removal must never be installed in the other pools", () => {
    const sets = [build.scaleSet({ extensions: [build.aksEntry(), removalEntry()], instances: [removed] })];
    const provenIn = (settings: typeof uninstalling, ...others: readonly ScaleSet[]) =>
      recordObservation(EMPTY_MEMORY, build.observed({ scaleSets: [...sets, ...others] }), settings).proven;
    expect([provenIn(uninstalling), provenIn(build.desired())]).toEqual([[], []]);
    // What the other pools have is proven as if there were no pool that is uninstalled.
    const other = build.scaleSet({
      id: build.setIdOf("akswin2"),
      name: "akswin2",
      pool: "win2",
      instances: [installed],
    });
    expect(provenIn(uninstalling, other)).toEqual([PACKAGE]);
  });

  test("keeps since when the removal fails when it is tried again", () => {
    const failingSince = NOW - 3 * HOUR;
    const instances = [{ scaleSet: build.SET_ID, id: "0", vmId: "vm-0", node: failed.node, before: undefined }];
    const about = { scaleSet: build.SET_ID, pool: "win1", observed: { pool: "", scaleSet: "", etag: undefined } };
    const action = {
      kind: "upgrade-instances",
      ...about,
      reason: "uninstall",
      marker: REMOVAL_MARKER,
      try: 1,
    } as const;
    const plan = { actions: [], verdicts: [], requeueAt: NOW };
    const outcome = { action: { ...action, instances }, at: NOW, status: "submitted", operation: "" } as const;
    const { scaleSets } = remember(build.memory(trying({ count: 2, failingSince })), plan, [outcome]);
    expect(scaleSets[build.SET_ID]?.instances["vm-0"]?.attempts).toMatchObject({ count: 3, failingSince });
  });
});

describe("the package with which a pool is uninstalled", () => {
  const usable = { usable: true } as const;
  const unreadable = { usable: false, isRejected: false, problem: "gone" } as const;
  const other: Package = { hash: build.hashOf("c"), arguments: {} };
  const choose = (over: {
    readonly model?: Package | "removal" | undefined;
    readonly before?: Package;
    readonly proven?: readonly Package[];
    readonly checks?: Readonly<Record<string, typeof usable | typeof unreadable>>;
    readonly uninstall?: readonly string[];
  }) => {
    const { model, before, proven = [OLD_PACKAGE], uninstall = ["win1"] } = over;
    const entry = model === "removal" ? [removalEntry()] : model ? [ourEntry({}, model)] : [];
    const checks = { [PACKAGE.hash]: usable, [OLD_PACKAGE.hash]: usable, [other.hash]: usable, ...over.checks };
    const observed = build.observed({ packages: { current: { package: other }, checks } });
    const set = build.scaleSet({ extensions: entry });
    const known = build.setMemory(before && { uninstall: { since: NOW - DAY, package: before } });
    const desired = build.desired(build.forPools({ uninstall }));
    return recordUninstall(known, set, { desired, observed, proven, named: other });
  };

  test.each([
    { when: "the model has one", over: { model: PACKAGE }, hash: PACKAGE.hash },
    { when: "one did it before", over: { model: PACKAGE, before: OLD_PACKAGE }, hash: OLD_PACKAGE.hash },
    { when: "the model has none", over: {}, hash: OLD_PACKAGE.hash },
    {
      when: "that of the model cannot be read",
      over: { model: PACKAGE, checks: { [PACKAGE.hash]: unreadable } },
      hash: OLD_PACKAGE.hash,
    },
    {
      when: "the removal in the model cannot be read",
      over: { model: "removal", checks: { [PACKAGE.hash]: unreadable } },
      hash: PACKAGE.hash,
    },
    { when: "none is proven", over: { proven: [] }, hash: other.hash },
    { when: "none can be used", over: { proven: [], checks: { [other.hash]: unreadable } }, hash: undefined },
  ] as const)("$when", ({ over, hash }) => {
    expect(choose(over)?.package?.hash).toBe(hash);
  });

  test("is remembered with the time since when, until the pool is taken out", () => {
    expect(choose({ before: OLD_PACKAGE })?.since).toBe(NOW - DAY);
    expect(choose({})?.since).toBe(NOW);
    expect(choose({ before: OLD_PACKAGE, uninstall: ["win2"] })).toBeUndefined();
  });
});
