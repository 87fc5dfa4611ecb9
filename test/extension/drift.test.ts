import { describe, expect, test } from "vitest";
import type { ScaleSetMemory } from "../../shared/extension/memory.ts";
import type { ModelExtension, ScaleSet } from "../../shared/model/scale-set.ts";
import * as build from "../build.ts";
import { plan, words, type World, written } from "../planned.ts";

const { DAY, HOUR, MINUTE, NOW, OLD_MARKER, OLD_PACKAGE, PACKAGE } = build;
const { aksEntry, attempts, cse, instance, known, operation, ourEntry, ours, tag } = build;

const unusable = {
  [PACKAGE.hash]: { usable: false, isRejected: false, problem: "gone" },
  [OLD_PACKAGE.hash]: { usable: true },
} as const;
const oldEntry = ourEntry({}, OLD_PACKAGE);
const expiring = tag({ linkExpiresAt: NOW + DAY });
const oneOutdated = { instances: [instance("0", { extensions: [cse()] })] };

describe("a link that", () => {
  const withLink = (expiresIn: number, linkIssuedAt: number | undefined, anonymous = false): World => ({
    set: { extensions: [aksEntry(), ourEntry({ tag: tag({ linkExpiresAt: NOW + expiresIn }) })] },
    known: { linkIssuedAt },
    desired: { packageIsAnonymous: anonymous },
  });
  const renewed = "acting link-expiring -> put-extension link-expiring";

  test.each([
    { when: "has 84 hours left", world: withLink(84 * HOUR, NOW - 3 * DAY), plan: "at-rest" },
    { when: "has less than 84 hours left", world: withLink(84 * HOUR - 1, NOW - 3 * DAY), plan: renewed },
    { when: "has expired", world: withLink(-DAY, NOW - 8 * DAY), plan: renewed },
    { when: "was renewed less than 6 hours ago", world: withLink(HOUR, NOW - 6 * HOUR + 1), plan: "at-rest" },
    { when: "was renewed 6 hours ago", world: withLink(HOUR, NOW - 6 * HOUR), plan: renewed },
    { when: "has less, and is not in memory", world: withLink(84 * HOUR - 1, undefined), plan: renewed },
    { when: "has 84 hours left, and is not in memory", world: withLink(84 * HOUR, undefined), plan: "at-rest" },
    { when: "belongs to an anonymous package", world: withLink(HOUR, NOW - 6 * DAY, true), plan: "at-rest" },
  ])("$when: $plan", ({ world, plan: expected }) => {
    expect(words(plan(world))).toBe(expected);
  });
});

describe("a link with little life left, while AKS is at work", () => {
  const busy = (over: { expiresIn?: number; hours?: number; set?: Partial<ScaleSet>; owner?: string }): World => {
    const { expiresIn = DAY - 1, hours = 12.1, owner = build.OWNER } = over;
    const entry = ourEntry({ tag: tag({ linkExpiresAt: NOW + expiresIn, owner }) });
    return {
      pool: { provisioningState: "Updating" },
      set: { extensions: [aksEntry(), entry], ...over.set },
      known: { busySince: NOW - hours * HOUR },
    };
  };

  test("is renewed after 12 hours, when the scale set itself is at rest", () => {
    const renewal = plan(busy({}));
    expect(words(renewal)).toBe("waiting aks-busy -> put-extension link-expiring");
    expect(renewal.actions).toMatchObject([{ observed: { pool: "Updating", scaleSet: "Succeeded", etag: '"1"' } }]);
  });

  test.each([
    { when: "before 12 hours", world: busy({ hours: 12 }) },
    { when: "with a day left", world: busy({ expiresIn: DAY }) },
    { when: "while the scale set is being updated", world: busy({ set: { provisioningState: "Updating" } }) },
    { when: "of another owner", world: busy({ owner: build.OTHER_OWNER }) },
  ])("is not renewed $when", ({ world }) => {
    expect(words(plan(world))).toBe("waiting aks-busy");
  });
});

describe("a dependency", () => {
  test("on an extension that is gone is removed", () => {
    const removal = plan(depending(["vmssCSE"]));
    expect(words(removal)).toBe("acting dangling-dependency -> put-extension dangling-dependency");
    expect(removal.actions).toMatchObject([{ extension: { provisionAfterExtensions: [] } }]);
  });

  test("that is only missing is no reason to write", () => {
    expect(words(plan(depending([], aksEntry())))).toBe("at-rest");
  });

  test("is not written for a pool that has been Failed for 15 minutes, and is kept by the writes before", () => {
    const own = operation({ state: "failed", endedAt: NOW, submittedAt: 0 });
    const world = { pool: { provisioningState: "Failed" }, set: { extensions: [aksEntry()] } };
    const after = (minutes: number): World => ({
      ...world,
      known: { failedSince: NOW - minutes * MINUTE, operation: own },
    });
    expect(plan(after(15)).actions).toMatchObject([{ extension: { provisionAfterExtensions: [] } }]);
    expect(plan(after(14)).actions).toMatchObject([{ extension: { provisionAfterExtensions: ["vmssCSE"] } }]);
  });
});

describe("a pool that is not in POOLS", () => {
  const onlyWin2 = build.forPools({ pools: ["win2"] });
  const withEntry = (entry: ScaleSet["extensions"][number]): World => ({
    desired: onlyWin2,
    set: { ...oneOutdated, extensions: [aksEntry(), entry] },
  });
  const expiringEntry = { ...oldEntry, tag: { ...expiring, marker: OLD_MARKER } };

  test("has no verdict without our extension", () => {
    expect(plan({ desired: onlyWin2, set: { extensions: [aksEntry()] } })).toMatchObject({ actions: [], verdicts: [] });
  });

  test("with our extension gets no package and no upgrade", () => {
    expect(words(plan(withEntry(oldEntry)))).toBe("unmanaged");
  });

  test("with our extension has the link of its own package renewed", () => {
    const unmanaged = plan(withEntry(expiringEntry));
    expect(words(unmanaged)).toBe("unmanaged -> put-extension link-expiring");
    expect(written(unmanaged)).toEqual([OLD_PACKAGE.hash]);
  });

  test("keeps an expiring link when its package cannot be read", () => {
    const gone = { [OLD_PACKAGE.hash]: { usable: false, isRejected: false, problem: "gone" } } as const;
    expect(words(plan({ ...withEntry(expiringEntry), packages: { checks: gone } }))).toBe("unmanaged");
  });

  // Another copy of this app may manage this pool.
  test("is not written to when its extension has another owner", () => {
    expect(plan(withEntry({ ...expiringEntry, tag: { ...expiring, owner: build.OTHER_OWNER } })).actions).toEqual([]);
  });

  test("is treated like a pool with an external exporter", () => {
    const world = { ...withEntry(expiringEntry), desired: build.forPools({ sources: { win1: "external" } }) };
    expect(words(plan(world))).toBe("unmanaged -> put-extension link-expiring");
  });

  test("is found in POOLS without regard to case", () => {
    expect(words(plan({ desired: build.forPools({ pools: ["win1"] }), set: { pool: "WIN1" } }))).toBe("at-rest");
  });
});

describe("an unusable package", () => {
  const withoutProven = { packages: { checks: unusable }, memory: { proven: [] } };

  test("adds a verdict about the cluster", () => {
    expect(plan({ packages: { checks: unusable } }).verdicts[0]).toMatchObject({
      subject: { kind: "cluster" },
      state: "package-unusable",
      message: "gone",
    });
  });

  test("leaves the package of the model unchanged, and renews its link", () => {
    const expiringEntry = { ...oldEntry, tag: { ...expiring, marker: OLD_MARKER } };
    const kept = plan({ ...withoutProven, set: { extensions: [aksEntry(), expiringEntry] } });
    expect(words(kept)).toBe("refused package-unusable -> put-extension link-expiring");
    expect(written(kept)).toEqual([OLD_PACKAGE.hash]);
  });

  test("is not written to a model without our extension", () => {
    expect(plan({ ...withoutProven, set: { extensions: [] } }).actions).toEqual([]);
  });

  test("is replaced by the last known one when the manifest is invalid", () => {
    const packages = { current: { problem: "current.json: expected JSON" } };
    const missing = plan({ packages, memory: { package: OLD_PACKAGE }, set: { extensions: [aksEntry()] } });
    expect(written(missing)).toEqual([OLD_PACKAGE.hash]);
    expect(missing.verdicts[0]).toMatchObject({ state: "package-unusable", message: /expected JSON/ });
  });
});

function failed(ago: number, over: Partial<ScaleSetMemory> = {}): World {
  const set = { provisioningState: "Failed", ...oneOutdated };
  return { set, known: { failedSince: NOW - ago, ...over } };
}

describe("after AKS has failed", () => {
  test("the app waits for 15 minutes", () => {
    expect(words(plan(failed(15 * MINUTE - 1)))).toBe("waiting settling");
  });

  test("the app continues after 15 minutes, and adds the verdict degraded", () => {
    const continued = plan(failed(15 * MINUTE));
    expect(words(continued)).toBe("converging rollout -> upgrade-instances rollout");
    expect(continued.verdicts.map((each) => each.state)).toEqual(["converging", "degraded", "outdated"]);
  });

  test("because of our last operation, the app continues at once", () => {
    expect(words(plan(failed(0, { operation: operation({ state: "failed", endedAt: NOW }) })))).toMatch(/^converging/);
  });

  // That operation ended two days ago, so it is not the cause.
  test("the app waits even if an older operation of ours failed", () => {
    const old = operation({ state: "failed", submittedAt: NOW - 3 * DAY, endedAt: NOW - 2 * DAY });
    expect(words(plan({ cluster: { provisioningState: "Failed" }, known: { operation: old } }))).toBe(
      "waiting settling",
    );
  });
  // After a failure of AKS, only instances that are Succeeded, or whose only failed extension is ours, are upgraded.
  test("an instance with an operation in progress is not upgraded", () => {
    const instances = [instance("0", { provisioningState: "Updating" })];
    const world = failed(HOUR, { instances: known("0", { marker: OLD_MARKER }) });
    expect(plan({ ...world, set: { ...world.set, instances } }).actions).toEqual([]);
  });
});

describe("the try of a retry", () => {
  const failing = instance("0", { extensions: [cse(), ours({ state: "failed", message: "1603" })] });
  const withTries = (model: number, last: number): ReturnType<typeof plan> =>
    plan({
      set: { extensions: [aksEntry(), ourEntry({ tag: tag({ try: model }) })], instances: [failing] },
      known: { instances: known("0", { attempts: attempts({ try: last }) }) },
    });

  test("is one more than that of the model, if the instance has tried that", () => {
    expect(withTries(2, 2).actions).toMatchObject([{ kind: "put-extension", reason: "retry", extension: { try: 3 } }]);
    expect(withTries(2, 3).actions).toMatchObject([{ kind: "put-extension", reason: "retry", extension: { try: 3 } }]);
  });

  test("is that of the model, if the instance has not tried that: it is upgraded at once", () => {
    expect(withTries(2, 1).actions).toMatchObject([{ kind: "upgrade-instances", try: 2, instances: [{ id: "0" }] }]);
  });

  test("is kept by every other write with the same marker, and by the first one after AKS dropped the extension", () => {
    const lastTag = tag({ try: 4 });
    const written = (extensions: readonly ModelExtension[]): unknown =>
      plan({ set: { extensions }, known: { lastTag } }).actions;
    expect(written([aksEntry(), ourEntry({ typeHandlerVersion: "2.77", tag: lastTag })])).toMatchObject([
      { reason: "settings-differ", extension: { try: 4 } },
    ]);
    expect(written([aksEntry()])).toMatchObject([{ reason: "missing", extension: { try: 4 } }]);
    expect(
      plan({ set: { extensions: [aksEntry()] }, known: { lastTag: tag({ marker: OLD_MARKER, try: 4 }) } }).actions,
    ).toMatchObject([{ reason: "missing", extension: { try: 0 } }]);
  });
});

function depending(names: readonly string[], ...others: readonly ModelExtension[]): World {
  return { set: { extensions: [...others, ourEntry({ provisionAfterExtensions: names })] } };
}
