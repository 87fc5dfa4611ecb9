import { describe, expect, test } from "vitest";
import { choosePackage } from "../../shared/extension/package.ts";
import type { ObservedPackages, Package } from "../../shared/model/package.ts";
import { desired, memory, observed, OLD_PACKAGE, PACKAGE } from "../build.ts";

const broken = { problem: "current.json: expected JSON" };
const usable = { usable: true } as const;
const unusable = { usable: false, problem: "its content is not its name" } as const;

interface Case {
  readonly when: string;
  readonly current?: ObservedPackages["current"];
  readonly checks?: ObservedPackages["checks"];
  readonly remembered?: Package;
  readonly allowed?: ReadonlySet<string>;
  readonly package: Package | undefined;
  readonly problem: RegExp | undefined;
}

const named = { [PACKAGE.hash]: usable };
const kept = { [OLD_PACKAGE.hash]: usable };

describe("the wanted package", () => {
  const cases: readonly Case[] = [
    { when: "current.json names one that can be used", package: PACKAGE, problem: undefined },
    { when: "memory holds another", remembered: OLD_PACKAGE, package: PACKAGE, problem: undefined },
    { when: "it is allowed", allowed: new Set([PACKAGE.hash]), package: PACKAGE, problem: undefined },
    {
      when: "it is not allowed",
      allowed: new Set([OLD_PACKAGE.hash]),
      remembered: OLD_PACKAGE,
      package: undefined,
      problem: /aaaa is not in PACKAGE_ALLOWED/,
    },
    {
      when: "its content is not its name",
      checks: { [PACKAGE.hash]: unusable, ...kept },
      remembered: OLD_PACKAGE,
      package: undefined,
      problem: /its content is not its name/,
    },
    { when: "its blob was not read", checks: kept, package: undefined, problem: /aaaa was not checked/ },
    {
      when: "current.json is broken, and memory holds the last one",
      current: broken,
      remembered: OLD_PACKAGE,
      checks: kept,
      package: OLD_PACKAGE,
      problem: /expected JSON/,
    },
    {
      when: "current.json is broken, and the last one is not allowed",
      current: broken,
      remembered: OLD_PACKAGE,
      checks: kept,
      allowed: new Set([PACKAGE.hash]),
      package: undefined,
      problem: /bbbb is not in PACKAGE_ALLOWED/,
    },
    {
      when: "current.json is broken, and the last one can't be read",
      current: broken,
      remembered: OLD_PACKAGE,
      checks: { [OLD_PACKAGE.hash]: unusable },
      package: undefined,
      problem: /its content is not its name/,
    },
    { when: "current.json is broken, memory empty", current: broken, package: undefined, problem: /expected JSON/ },
  ];

  test.each(cases)("when $when", (c) => {
    const packages = { current: c.current ?? { package: PACKAGE }, checks: c.checks ?? { ...named, ...kept } };
    const settings = desired({ packageAllowed: c.allowed });
    const wanted = choosePackage(settings, observed({ packages }), memory({}, { package: c.remembered }));
    expect(wanted.package).toEqual(c.package);
    expect(wanted.problem ?? "none").toMatch(c.problem ?? /^none$/);
  });
});
