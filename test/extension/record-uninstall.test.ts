import { describe, expect, test } from "vitest";
import type { ScaleSetMemory } from "../../shared/extension/memory.ts";
import { recordUninstall } from "../../shared/extension/record-uninstall.ts";
import type { Package } from "../../shared/model/package.ts";
import type { Instance, InstanceExtension } from "../../shared/model/scale-set.ts";
import * as build from "../build.ts";
import { proof, withExtensions } from "./classified.ts";
import { record } from "./recorded-scale-set.ts";

const { DAY, HOUR, NOW, OLD_PACKAGE, PACKAGE, REMOVAL_MARKER } = build;
const { attempts, instance, known, ourEntry, ours, removalEntry, tag } = build;

const removed = on("0", { logs: [proof(REMOVAL_MARKER, "absent")] });
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
