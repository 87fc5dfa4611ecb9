import { describe, expect, test } from "vitest";
import type { ExtensionMemory } from "../../shared/extension/memory.ts";
import { choosePackage, type DesiredPackage, packageFor } from "../../shared/extension/package.ts";
import type { ObservedPackages, Package } from "../../shared/model/package.ts";
import { desired, hashOf, MARKER, memory, observed, OLD_MARKER, OLD_PACKAGE, PACKAGE, SET_ID } from "../build.ts";

const invalid = { problem: "current.json: expected JSON" };
const usable = { usable: true } as const;
const unusable = { usable: false, isRejected: true, problem: "its content has another hash" } as const;

interface Case {
  readonly when: string;
  readonly current?: ObservedPackages["current"];
  readonly checks?: ObservedPackages["checks"];
  readonly remembered?: Package;
  readonly allowed?: ReadonlySet<string>;
  readonly package: Package | undefined;
  readonly problem: RegExp | undefined;
}

const currentUsable = { [PACKAGE.hash]: usable };
const lastUsable = { [OLD_PACKAGE.hash]: usable };

describe("the desired package", () => {
  const cases: readonly Case[] = [
    { when: "the package of current.json is usable", package: PACKAGE, problem: undefined },
    { when: "another package is in memory", remembered: OLD_PACKAGE, package: PACKAGE, problem: undefined },
    {
      when: "the package is in PACKAGE_ALLOWED",
      allowed: new Set([PACKAGE.hash]),
      package: PACKAGE,
      problem: undefined,
    },
    {
      when: "the package is not in PACKAGE_ALLOWED",
      allowed: new Set([OLD_PACKAGE.hash]),
      remembered: OLD_PACKAGE,
      package: undefined,
      problem: /aaaa is not in PACKAGE_ALLOWED/,
    },
    {
      when: "the content of the package has another hash",
      checks: { [PACKAGE.hash]: unusable, ...lastUsable },
      remembered: OLD_PACKAGE,
      package: undefined,
      problem: /its content has another hash/,
    },
    { when: "the package was not checked", checks: lastUsable, package: undefined, problem: /aaaa was not checked/ },
    {
      when: "current.json is invalid, and the last package is in memory",
      current: invalid,
      remembered: OLD_PACKAGE,
      checks: lastUsable,
      package: OLD_PACKAGE,
      problem: /expected JSON/,
    },
    {
      when: "current.json is invalid, and the last package is not in PACKAGE_ALLOWED",
      current: invalid,
      remembered: OLD_PACKAGE,
      checks: lastUsable,
      allowed: new Set([PACKAGE.hash]),
      package: undefined,
      problem: /bbbb is not in PACKAGE_ALLOWED/,
    },
    {
      when: "current.json is invalid, and the last package is unusable",
      current: invalid,
      remembered: OLD_PACKAGE,
      checks: { [OLD_PACKAGE.hash]: unusable },
      package: undefined,
      problem: /its content has another hash/,
    },
    {
      when: "current.json is invalid, and no package is in memory",
      current: invalid,
      package: undefined,
      problem: /expected JSON/,
    },
  ];

  test.each(cases)("when $when", (c) => {
    const packages = {
      current: c.current ?? { package: PACKAGE },
      checks: c.checks ?? { ...currentUsable, ...lastUsable },
    };
    const settings = desired({ packageAllowed: c.allowed });
    const chosen = choosePackage(settings, observed({ packages }), known({ package: c.remembered }));
    expect(packageIn(chosen)).toEqual(c.package);
    expect(chosen.problem ?? "none").toMatch(c.problem ?? /^none$/);
  });
});

describe("a package that cannot be deployed, with a proven one", () => {
  const unreadable = { usable: false, isRejected: false, problem: "it is missing" } as const;
  const inModel = { named: MARKER, proven: OLD_MARKER, absent: undefined };

  test.each([
    { what: "cannot be read", check: unreadable, allowed: undefined, named: undefined },
    { what: "is rejected", check: unusable, allowed: undefined, named: OLD_PACKAGE },
    { what: "is not allowed", check: usable, allowed: new Set([OLD_PACKAGE.hash]), named: OLD_PACKAGE },
  ])("that $what: models without it get the proven one", ({ check, allowed, named }) => {
    const packages = { current: { package: PACKAGE }, checks: { [PACKAGE.hash]: check, ...lastUsable } };
    const settings = desired({ packageAllowed: allowed });
    const chosen = choosePackage(settings, observed({ packages }), known({ proven: [OLD_PACKAGE] }));
    expect(packageIn(chosen, inModel.absent)).toEqual(OLD_PACKAGE);
    expect(packageIn(chosen, inModel.proven)).toEqual(OLD_PACKAGE);
    expect(packageIn(chosen, inModel.named)).toEqual(named);
    expect(chosen.problem).toBeDefined();
  });

  test("the newest proven one that can be deployed is taken", () => {
    const other = { hash: hashOf("c"), arguments: {} };
    const checks = { [PACKAGE.hash]: unreadable, [other.hash]: unreadable, ...lastUsable };
    const packages = { current: { package: PACKAGE }, checks };
    const chosen = choosePackage(desired(), observed({ packages }), known({ proven: [OLD_PACKAGE, other] }));
    expect(packageIn(chosen)).toEqual(OLD_PACKAGE);
  });
});

describe("a package that can be deployed", () => {
  const packages = { current: { package: PACKAGE }, checks: { ...currentUsable, ...lastUsable } };
  const choose = (given: Partial<ExtensionMemory>) => choosePackage(desired(), observed({ packages }), known(given));
  const trial = {
    marker: MARKER,
    since: 0,
    scaleSets: [SET_ID],
    joinedAt: 0,
    currentAt: undefined,
    soakingSince: undefined,
  };
  const held = { marker: MARKER, reason: "canary-failed", since: 0, nodes: [] } as const;

  test.each([
    { what: "proven", given: { proven: [PACKAGE] }, model: undefined, is: PACKAGE },
    { what: "proven, where a model has another one", given: { proven: [PACKAGE] }, model: OLD_MARKER, is: PACKAGE },
    { what: "new, in its canary pool", given: { trial, proven: [OLD_PACKAGE] }, model: OLD_MARKER, is: PACKAGE },
    { what: "new, where a model has it", given: { proven: [OLD_PACKAGE] }, model: MARKER, is: PACKAGE },
    { what: "new, in another pool", given: { proven: [OLD_PACKAGE] }, model: OLD_MARKER, is: OLD_PACKAGE },
    { what: "new, in another pool, the first ever", given: {}, model: undefined, is: "awaiting-canary" },
    { what: "held, where a model has it", given: { held, proven: [OLD_PACKAGE] }, model: MARKER, is: OLD_PACKAGE },
    { what: "held, the first ever", given: { held }, model: MARKER, is: "package-held" },
    {
      what: "held, though it was proven before",
      given: { held, proven: [OLD_PACKAGE, PACKAGE] },
      model: undefined,
      is: OLD_PACKAGE,
    },
  ])("and is $what", ({ given, model, is }) => {
    const chosen = packageFor(choose(given), { id: SET_ID, marker: model });
    expect(chosen.package ?? ("reason" in chosen && chosen.reason)).toEqual(is);
  });

  test("has the standing of its marker: new arguments make another one of the same zip", () => {
    const again = { ...PACKAGE, arguments: { Port: 9183 } };
    const named = { current: { package: again }, checks: currentUsable };
    const chosen = choosePackage(desired(), observed({ packages: named }), known({ proven: [PACKAGE] }));
    expect(chosen.standing).toBe("new");
    expect(packageFor(chosen, { id: SET_ID, marker: MARKER })).toEqual({ package: PACKAGE, isNew: false });
  });
});

/** Returns a memory in which the named package is proven, unless the proven ones are given. */
function known(given: Partial<ExtensionMemory>): ExtensionMemory {
  return memory({}, { proven: [], ...given });
}

function packageIn(chosen: DesiredPackage, marker?: string): Package | undefined {
  return packageFor({ ...chosen, standing: "proven" }, { id: SET_ID, marker }).package;
}
