import { describe, expect, test } from "vitest";
import { buildExtension, differs, isDsc, markerOf, packageOf } from "../../shared/extension/desired.ts";
import { aksEntry, desired, hashOf, MARKER, OLD_MARKER, OLD_PACKAGE, ourEntry, OWNER, PACKAGE, tag } from "../build.ts";

describe("the marker", () => {
  // Computed by another program: another value in a later version of the app would roll every node.
  test.each([
    { of: "a package and one argument", hash: PACKAGE.hash, args: { Port: 9182 }, marker: MARKER },
    { of: "another package", hash: OLD_PACKAGE.hash, args: { Port: 9182 }, marker: OLD_MARKER },
    { of: "a package without arguments", hash: PACKAGE.hash, args: {}, marker: "6330069d3ee99217" },
    {
      of: "values of every type, capitals before small letters",
      hash: hashOf("0"),
      args: { alpha: "ä", Port: 9182, Enable: true, Collectors: "cpu,memory" },
      marker: "7802cabf4aceddb3",
    },
  ])("of $of stays what it always was", ({ hash, args, marker }) => {
    expect(markerOf(hash, args)).toBe(marker);
  });

  test("does not depend on the order of the arguments", () => {
    expect(markerOf(PACKAGE.hash, { b: 1, a: "x" })).toBe(markerOf(PACKAGE.hash, { a: "x", b: 1 }));
  });

  test("depends on the value of an argument and on its type", () => {
    expect(markerOf(PACKAGE.hash, { Port: 9183 })).not.toBe(MARKER);
    expect(markerOf(PACKAGE.hash, { Port: "9182" })).not.toBe(MARKER);
  });

  test("is no matter of the container, the owner or the model", () => {
    const moved = desired({ packageContainerUrl: "https://other.blob.core.windows.net/dsc", owner: "11111111" });
    expect(buildExtension(PACKAGE, moved, { extensions: [], aksFailed: true }).marker).toBe(MARKER);
  });
});

describe("our entry", () => {
  test("is what the design says, to the letter", () => {
    expect(buildExtension(PACKAGE, desired(), { extensions: [aksEntry()], aksFailed: false })).toEqual({
      package: PACKAGE.hash,
      marker: MARKER,
      owner: OWNER,
      typeHandlerVersion: "2.83",
      provisionAfterExtensions: ["vmssCSE"],
      settings: {
        configuration: {
          url: `https://packages.blob.core.windows.net/dsc/${PACKAGE.hash}.zip`,
          script: "WindowsExporter.ps1",
          function: "WindowsExporter",
        },
        configurationArguments: { Port: 9182, Package: PACKAGE.hash },
        privacy: { dataCollection: "Disable" },
        advancedOptions: { rebootNodeIfNeeded: false },
      },
    });
  });

  test.each([
    { when: "the model has no vmssCSE", extensions: [], aksFailed: false },
    { when: "AKS has failed", extensions: [aksEntry()], aksFailed: true },
  ])("waits for no other extension when $when", ({ extensions, aksFailed }) => {
    expect(buildExtension(PACKAGE, desired(), { extensions, aksFailed }).provisionAfterExtensions).toEqual([]);
  });
});

describe("a difference", () => {
  const wanted = buildExtension(PACKAGE, desired(), { extensions: [aksEntry()], aksFailed: false });

  test.each([
    { what: "publisher", entry: ourEntry({ publisher: "Somebody.Else" }) },
    { what: "type", entry: ourEntry({ type: "DSCForLinux" }) },
    { what: "handler version", entry: ourEntry({ typeHandlerVersion: "2.77" }) },
    { what: "automatic minor upgrade", entry: ourEntry({ autoUpgradeMinorVersion: false }) },
    { what: "automatic upgrade", entry: ourEntry({ enableAutomaticUpgrade: true }) },
    { what: "suppressed failures", entry: ourEntry({ suppressFailures: false }) },
    { what: "order of extensions", entry: ourEntry({ provisionAfterExtensions: [] }) },
    { what: "settings", entry: ourEntry({ settings: { configuration: {} } }) },
    { what: "settings that are gone", entry: ourEntry({ settings: undefined }) },
  ])("in $what counts", ({ entry }) => {
    expect(differs(entry, wanted)).toBe(true);
  });

  test.each([
    { what: "the tag", entry: ourEntry({ tag: tag({ linkExpiresAt: 0 }) }) },
    { what: "letter case of publisher and type", entry: ourEntry({ publisher: "microsoft.powershell", type: "dsc" }) },
    { what: "the order of keys in settings", entry: ourEntry({ settings: reversed(ourEntry().settings) }) },
  ])("in $what does not", ({ entry }) => {
    expect(differs(entry, wanted)).toBe(false);
  });
});

describe("the package of an entry", () => {
  test("is read back with its arguments, and without our own", () => {
    expect(packageOf(ourEntry())).toMatchObject({ hash: PACKAGE.hash, arguments: { Port: 9182 } });
  });

  test.each([
    { what: "no settings", settings: undefined },
    { what: "no arguments", settings: { configuration: {} } },
    { what: "no package", settings: { configurationArguments: { Port: 9182 } } },
    { what: "a package that is no hash", settings: { configurationArguments: { Package: "latest" } } },
    { what: "an argument that is no plain value", settings: argumentsWith({ List: [] }) },
  ])("is not known from $what", ({ settings }) => {
    expect(packageOf(ourEntry({ settings }))).toBeUndefined();
  });
});

test("the DSC extension is known without regard to case, and nothing else is one", () => {
  expect(isDsc("MICROSOFT.powershell", "dsc")).toBe(true);
  expect(isDsc("Microsoft.Compute", "CustomScriptExtension")).toBe(false);
});

function argumentsWith(more: object): object {
  return { configurationArguments: { Package: PACKAGE.hash, ...more } };
}

function reversed(value: unknown): object {
  return Object.fromEntries(Object.entries(value ?? {}).toReversed());
}
