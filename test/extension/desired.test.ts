import { describe, expect, test } from "vitest";
import { buildExtension, findDifferences, isDsc, markerOf, packageOf } from "../../shared/extension/desired.ts";
import { aksEntry, desired, hashOf, MARKER, OLD_MARKER, OLD_PACKAGE, ourEntry, OWNER, PACKAGE, tag } from "../build.ts";

describe("the marker", () => {
  // Computed by another program. If a later version of the app computed another value, it would upgrade every node.
  test.each([
    { of: "a package and one argument", hash: PACKAGE.hash, args: { Port: 9182 }, marker: MARKER },
    { of: "another package", hash: OLD_PACKAGE.hash, args: { Port: 9182 }, marker: OLD_MARKER },
    { of: "a package without arguments", hash: PACKAGE.hash, args: {}, marker: "6330069d3ee99217" },
    {
      of: "arguments of every type, sorted with upper case before lower case",
      hash: hashOf("0"),
      args: { alpha: "ä", Port: 9182, Enable: true, Collectors: "cpu,memory" },
      marker: "7802cabf4aceddb3",
    },
  ])("of $of is the same in every version of the app", ({ hash, args, marker }) => {
    expect(markerOf({ hash, arguments: args })).toBe(marker);
  });

  test("does not depend on the order of the arguments", () => {
    expect(markerOf({ ...PACKAGE, arguments: { b: 1, a: "x" } })).toBe(
      markerOf({ ...PACKAGE, arguments: { a: "x", b: 1 } }),
    );
  });

  test("depends on the value of an argument and on its type", () => {
    expect(markerOf({ ...PACKAGE, arguments: { Port: 9183 } })).not.toBe(MARKER);
    expect(markerOf({ ...PACKAGE, arguments: { Port: "9182" } })).not.toBe(MARKER);
  });

  test("depends on Ensure, but not on what the app adds", () => {
    const absent = markerOf({ ...PACKAGE, arguments: { Port: 9182, Ensure: "Absent" } });
    expect(new Set([absent, markerOf({ ...PACKAGE, arguments: { Port: 9182, Ensure: "Present" } }), MARKER]).size).toBe(
      3,
    );
    expect(markerOf({ ...PACKAGE, arguments: { Port: 9182, Package: OLD_PACKAGE.hash, Marker: OLD_MARKER } })).toBe(
      MARKER,
    );
  });

  test("does not depend on the container, the owner or the model", () => {
    const otherSettings = desired({
      packageContainerUrl: "https://other.blob.core.windows.net/dsc",
      owner: "11111111",
    });
    expect(buildExtension(PACKAGE, otherSettings, { extensions: [], isPoolFailed: true, tag: undefined }).marker).toBe(
      MARKER,
    );
  });
});

describe("the desired extension", () => {
  test("has exactly these properties", () => {
    expect(
      buildExtension(PACKAGE, desired(), { extensions: [aksEntry()], isPoolFailed: false, tag: undefined }),
    ).toEqual({
      package: PACKAGE.hash,
      marker: MARKER,
      owner: OWNER,
      try: 0,
      typeHandlerVersion: "2.83",
      provisionAfterExtensions: ["vmssCSE"],
      settings: {
        configuration: {
          url: `https://packages.blob.core.windows.net/dsc/${PACKAGE.hash}.zip`,
          script: "WindowsExporter.ps1",
          function: "WindowsExporter",
        },
        configurationArguments: { Port: 9182, Package: PACKAGE.hash, Marker: MARKER },
        privacy: { dataCollection: "Disable" },
        advancedOptions: { rebootNodeIfNeeded: false },
      },
    });
  });

  test.each([
    { when: "the model has no vmssCSE", extensions: [], isPoolFailed: false, tag: undefined },
    { when: "the pool is Failed", extensions: [aksEntry()], isPoolFailed: true, tag: undefined },
  ])("depends on no other extension when $when", ({ extensions, isPoolFailed, tag }) => {
    expect(buildExtension(PACKAGE, desired(), { extensions, isPoolFailed, tag }).provisionAfterExtensions).toEqual([]);
  });
});

describe("an extension in the model", () => {
  const expected = buildExtension(PACKAGE, desired(), {
    extensions: [aksEntry()],
    isPoolFailed: false,
    tag: undefined,
  });

  test.each([
    { property: "publisher", entry: ourEntry({ publisher: "Another.Publisher" }) },
    { property: "type", entry: ourEntry({ type: "DSCForLinux" }) },
    { property: "typeHandlerVersion", entry: ourEntry({ typeHandlerVersion: "2.77" }) },
    { property: "autoUpgradeMinorVersion", entry: ourEntry({ autoUpgradeMinorVersion: false }) },
    { property: "enableAutomaticUpgrade", entry: ourEntry({ enableAutomaticUpgrade: true }) },
    { property: "suppressFailures", entry: ourEntry({ suppressFailures: false }) },
    { property: "provisionAfterExtensions", entry: ourEntry({ provisionAfterExtensions: ["vmssCSE", "other"] }) },
    { property: "settings", entry: ourEntry({ settings: { configuration: {} } }) },
    { property: "settings", entry: ourEntry({ settings: undefined }) },
  ])("differs from the desired one by its $property", ({ property, entry }) => {
    expect(findDifferences(entry, expected)).toEqual([property]);
  });

  test.each([
    { what: "its tag", entry: ourEntry({ tag: tag({ linkExpiresAt: 0 }) }) },
    { what: "the case of publisher and type", entry: ourEntry({ publisher: "microsoft.powershell", type: "dsc" }) },
    { what: "the order of keys in settings", entry: ourEntry({ settings: reversed(ourEntry().settings) }) },
    { what: "the absence of a dependency", entry: ourEntry({ provisionAfterExtensions: [] }) },
  ])("does not differ by $what", ({ entry }) => {
    expect(findDifferences(entry, expected)).toEqual([]);
  });
});

describe("the package of an extension in the model", () => {
  test("is read with its arguments, without those that the app adds", () => {
    expect(packageOf(ourEntry())).toStrictEqual({ hash: PACKAGE.hash, arguments: { Port: 9182 } });
  });

  test.each([
    { what: "no settings", settings: undefined },
    { what: "no arguments", settings: { configuration: {} } },
    { what: "no package", settings: { configurationArguments: { Port: 9182 } } },
    { what: "a package that is not a hash", settings: { configurationArguments: { Package: "latest" } } },
    { what: "an argument that is not a plain value", settings: argumentsWith({ List: [] }) },
  ])("is undefined with $what", ({ settings }) => {
    expect(packageOf(ourEntry({ settings }))).toBeUndefined();
  });
});

test("the DSC extension is recognized without regard to case, and no other extension is", () => {
  expect(isDsc("MICROSOFT.powershell", "dsc")).toBe(true);
  expect(isDsc("Microsoft.Compute", "CustomScriptExtension")).toBe(false);
});

function argumentsWith(added: object): object {
  return { configurationArguments: { Package: PACKAGE.hash, ...added } };
}

function reversed(value: unknown): object {
  return Object.fromEntries(Object.entries(value ?? {}).toReversed());
}
