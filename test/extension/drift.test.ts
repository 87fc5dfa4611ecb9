import { describe, expect, test } from "vitest";
import type { ScaleSetMemory } from "../../shared/extension/memory.ts";
import type { ScaleSet } from "../../shared/model/scale-set.ts";
import * as build from "../build.ts";
import { plan, words, type World, written } from "../planned.ts";

const { DAY, HOUR, MINUTE, NOW, OLD_MARKER, OLD_PACKAGE, PACKAGE } = build;
const { aksEntry, cse, instance, known, operation, ourEntry, tag } = build;

const unusable = { [PACKAGE.hash]: { usable: false, problem: "gone" }, [OLD_PACKAGE.hash]: { usable: true } } as const;
const oldEntry = ourEntry({}, OLD_PACKAGE);
const expiring = tag({ linkExpiresAt: NOW + DAY });
const outdatedOne = { instances: [instance("0", { extensions: [cse()] })] };

describe("a link", () => {
  const linked = (expiresIn: number, linkIssuedAt: number | undefined, anonymous = false): World => ({
    set: { extensions: [aksEntry(), ourEntry({ tag: tag({ linkExpiresAt: NOW + expiresIn }) })] },
    known: { linkIssuedAt },
    desired: { packageIsAnonymous: anonymous },
  });
  const renewed = "acting link-expiring -> put-extension link-expiring";

  test.each([
    { when: "before half of its life", world: linked(3 * DAY + 1, NOW - 3 * DAY), plan: "at-rest" },
    { when: "at half of its life", world: linked(3 * DAY, NOW - 3 * DAY), plan: renewed },
    { when: "dead", world: linked(-DAY, NOW - 8 * DAY), plan: renewed },
    { when: "renewed less than 6 hours ago", world: linked(HOUR, NOW - 6 * HOUR + 1), plan: "at-rest" },
    { when: "renewed 6 hours ago", world: linked(HOUR, NOW - 6 * HOUR), plan: renewed },
    { when: "of lost memory, in its second half", world: linked(3 * DAY, undefined), plan: renewed },
    { when: "of lost memory, in its first half", world: linked(4 * DAY, undefined), plan: "at-rest" },
    { when: "of an anonymous package", world: linked(HOUR, NOW - 6 * DAY, true), plan: "at-rest" },
  ])("$when: $plan", ({ world, plan: expected }) => {
    expect(words(plan(world))).toBe(expected);
  });
});

describe("a pool out of POOLS", () => {
  const others = build.forPools({ pools: ["win2"] });
  const carrying = (entry: ScaleSet["extensions"][number]): World => ({
    desired: others,
    set: { ...outdatedOne, extensions: [aksEntry(), entry] },
  });
  const dying = { ...oldEntry, tag: { ...expiring, marker: OLD_MARKER } };

  test("without ours is not spoken of", () => {
    expect(plan({ desired: others, set: { extensions: [aksEntry()] } })).toMatchObject({ actions: [], verdicts: [] });
  });

  test("with ours gets neither package nor upgrade", () => {
    expect(words(plan(carrying(oldEntry)))).toBe("unmanaged");
  });

  test("has the link of the package that it names renewed", () => {
    const left = plan(carrying(dying));
    expect(words(left)).toBe("unmanaged -> put-extension link-expiring");
    expect(written(left)).toEqual([OLD_PACKAGE.hash]);
  });

  test("keeps a dead link when the blob can't be read", () => {
    const gone = { [OLD_PACKAGE.hash]: { usable: false, problem: "gone" } } as const;
    expect(words(plan({ ...carrying(dying), packages: { checks: gone } }))).toBe("unmanaged");
  });

  // the design: "ours by another owner … refuse"; another app may well take care of this pool.
  test("is not written to when its extension is another owner's", () => {
    expect(plan(carrying({ ...dying, tag: { ...expiring, owner: build.OTHER_OWNER } })).actions).toEqual([]);
  });

  test("is as one whose exporter another installs", () => {
    const world = { ...carrying(dying), desired: build.forPools({ sources: { win1: "external" } }) };
    expect(words(plan(world))).toBe("unmanaged -> put-extension link-expiring");
  });

  test("is found without regard to case", () => {
    expect(words(plan({ desired: build.forPools({ pools: ["win1"] }), set: { pool: "WIN1" } }))).toBe("at-rest");
  });
});

describe("a package that can't be used", () => {
  test("is told of the cluster too", () => {
    expect(plan({ packages: { checks: unusable } }).verdicts[0]).toMatchObject({
      subject: { kind: "cluster" },
      state: "package-unusable",
      message: "gone",
    });
  });

  test("leaves the model as it is, but for the link of what that names", () => {
    const dying = { ...oldEntry, tag: { ...expiring, marker: OLD_MARKER } };
    const kept = plan({ packages: { checks: unusable }, set: { extensions: [aksEntry(), dying] } });
    expect(words(kept)).toBe("refused package-unusable -> put-extension link-expiring");
    expect(written(kept)).toEqual([OLD_PACKAGE.hash]);
  });

  test("is not put where ours is absent", () => {
    expect(plan({ packages: { checks: unusable }, set: { extensions: [] } }).actions).toEqual([]);
  });

  test("gives way to the last one read where the manifest is broken", () => {
    const packages = { current: { problem: "current.json: expected JSON" } };
    const missing = plan({ packages, memory: { package: OLD_PACKAGE }, set: { extensions: [aksEntry()] } });
    expect(written(missing)).toEqual([OLD_PACKAGE.hash]);
    expect(missing.verdicts[0]).toMatchObject({ state: "package-unusable", message: /expected JSON/ });
  });
});

function failed(ago: number, more: Partial<ScaleSetMemory> = {}): World {
  const set = { provisioningState: "Failed", ...outdatedOne };
  return { set, known: { failedSince: NOW - ago, ...more } };
}

describe("after AKS has failed", () => {
  test("for less than 15 minutes nothing is done", () => {
    expect(words(plan(failed(15 * MINUTE - 1)))).toBe("waiting settling");
  });

  test("for longer it goes on, and says so", () => {
    const plans = plan(failed(15 * MINUTE));
    expect(words(plans)).toBe("converging canary -> upgrade-instances canary");
    expect(plans.verdicts.map((each) => each.state)).toEqual(["converging", "degraded", "outdated"]);
  });

  test("by our own last operation it goes on at once", () => {
    expect(words(plan(failed(0, { operation: operation({ state: "failed", endedAt: NOW }) })))).toMatch(/^converging/);
  });

  // the design: "not by our own last operation": ours is over for days, and never touches the cluster.
  test("by itself, it settles though an operation of ours once failed", () => {
    const old = operation({ state: "failed", submittedAt: NOW - 3 * DAY, endedAt: NOW - 2 * DAY });
    expect(words(plan({ cluster: { provisioningState: "Failed" }, known: { operation: old } }))).toBe(
      "waiting settling",
    );
  });

  test("no write names vmssCSE", () => {
    const world = { pool: { provisioningState: "Failed" }, known: { failedSince: NOW - HOUR } };
    const [action] = plan(world).actions;
    expect(action).toMatchObject({ reason: "settings-differ", extension: { provisionAfterExtensions: [] } });
  });

  // the design: "only instances that are Succeeded themselves, or whose only failed extension is ours, are upgraded".
  test("an instance that is moving is not upgraded", () => {
    const instances = [instance("0", { provisioningState: "Updating" })];
    const world = failed(HOUR, { instances: known("0", { marker: OLD_MARKER }) });
    expect(plan({ ...world, set: { ...world.set, instances } }).actions).toEqual([]);
  });
});
