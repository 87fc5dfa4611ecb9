import { describe, expect, test } from "vitest";
import { choosePackage, packageFor } from "../../shared/extension/package.ts";
import type { ObservedPackages, Package } from "../../shared/model/package.ts";
import { desired, hashOf, MARKER, memory, observed, OLD_MARKER, OLD_PACKAGE, PACKAGE } from "../build.ts";

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
    const chosen = choosePackage(settings, observed({ packages }), memory({}, { package: c.remembered }));
    expect(packageFor(chosen, undefined)).toEqual(c.package);
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
    const chosen = choosePackage(settings, observed({ packages }), memory({}, { proven: [OLD_PACKAGE] }));
    expect(packageFor(chosen, inModel.absent)).toEqual(OLD_PACKAGE);
    expect(packageFor(chosen, inModel.proven)).toEqual(OLD_PACKAGE);
    expect(packageFor(chosen, inModel.named)).toEqual(named);
    expect(chosen.problem).toBeDefined();
  });

  test("the newest proven one that can be deployed is taken", () => {
    const other = { hash: hashOf("c"), arguments: {} };
    const checks = { [PACKAGE.hash]: unreadable, [other.hash]: unreadable, ...lastUsable };
    const packages = { current: { package: PACKAGE }, checks };
    const chosen = choosePackage(desired(), observed({ packages }), memory({}, { proven: [OLD_PACKAGE, other] }));
    expect(packageFor(chosen, undefined)).toEqual(OLD_PACKAGE);
  });
});
