import { type Unzipped, unzipSync, zipSync } from "fflate";
import { expect, test } from "vitest";
import { inspectPackage } from "../../dsc/inspect-package.ts";
import { type PackageDescription, sha256Of } from "../../dsc/package.ts";
import { isPackageHash } from "../../shared/model/package.ts";
import { buildSmall } from "./package-fixture.ts";

const built = await buildSmall("msi");
const CONFIG = "AksWindowsMetrics/config.yaml";
const edit = (files: Unzipped, path: string, change: (text: string) => string): void => {
  files[path] = Buffer.from(change(Buffer.from(files[path] ?? []).toString()));
};

/** Returns the problems of a valid package with changed files or another description, under its new hash. */
async function problemsWith(
  change: (files: Unzipped) => void,
  about: Partial<PackageDescription> = {},
): Promise<readonly string[]> {
  const files = unzipSync(built.bytes);
  change(files);
  const bytes = Buffer.from(zipSync(files));
  const hash = sha256Of(bytes);
  if (!isPackageHash(hash)) throw new TypeError(hash);
  const checks = await inspectPackage(bytes, { ...built.description, package: hash, ...about });
  return checks.flatMap(({ problem }) => problem ?? []);
}

test("accepts what the builder builds, with any compression", async () => {
  expect((await inspectPackage(built.bytes, built.description)).filter(({ problem }) => problem)).toEqual([]);
  expect(await problemsWith(() => {})).toEqual([]);
});

test.each<[what: string, says: RegExp, change: (files: Unzipped) => void]>([
  [
    "another MSI",
    /MSI's SHA-256 is/,
    (files) => (files["AksWindowsMetrics/windows_exporter.msi"] = Buffer.from("other")),
  ],
  [
    "no module",
    /AksWindowsMetrics\.psm1 is missing/,
    (files) => delete files["AksWindowsMetrics/AksWindowsMetrics.psm1"],
  ],
  [
    "a second module",
    /PackageManagement\/a\.psm1 does not belong/,
    (files) => (files["PackageManagement/a.psm1"] = Buffer.from("")),
  ],
  ["a file beside the configuration", /notes\.txt does not belong/, (files) => (files["notes.txt"] = Buffer.from(""))],
  ["another module named", /expected '{"Modules"/, (files) => edit(files, "dscmetadata.json", () => '{"Modules":[]}')],
  ["an unknown key", /unknown key extra/, (files) => edit(files, CONFIG, (text) => `${text}extra: 1\n`)],
  ["a port of its own", /listen-address/, (files) => edit(files, CONFIG, (text) => text.replace("{{Port}}", "9182"))],
  ["another first line", /config.yaml begins with/, (files) => edit(files, CONFIG, (text) => text.replace("# ", "#"))],
])("rejects a package with %s", async (_, says, change) => {
  const problems = await problemsWith(change);
  // A changed file also changes the ID of the content.
  expect(problems).toHaveLength(2);
  expect(problems.join("\n")).toMatch(says);
  expect(problems.join("\n")).toMatch(/must both have the ID/);
});

test.each<[what: string, change: (files: Unzipped) => void]>([
  ["another part of the module", (files) => edit(files, "AksWindowsMetrics/Health.ps1", (text) => `${text}# more\n`)],
  ["the configuration of another package", (files) => edit(files, "WindowsExporter.ps1", (text) => `${text}# more\n`)],
  ["the module of another package", (files) => edit(files, "AksWindowsMetrics/content.txt", () => "d".repeat(64))],
])("rejects a package with %s", async (_, change) => {
  expect(await problemsWith(change)).toEqual([expect.stringMatching(/must both have the ID [0-9a-f]{64}/)]);
});

test("rejects a package without a part that its module loads", async () => {
  const problems = await problemsWith((files) => delete files["AksWindowsMetrics/Health.ps1"]);
  expect(problems.join("\n")).toMatch(/AksWindowsMetrics\/Health\.ps1 is missing/);
});

test.each<[what: string, says: RegExp, about: Partial<PackageDescription>]>([
  ["another version", /expected exporterVersion, 0\.31\.9/, { exporterVersion: "0.31.9" }],
  ["another value of deployable", /config.yaml begins with/, { deployable: true }],
  ["another port", /expected '# .* Port=1 /, { arguments: { ...built.description.arguments, Port: 1 } }],
  ["an unknown argument", /arguments.Extra: unknown/, { arguments: { ...built.description.arguments, Extra: 1 } }],
  ["no arguments", /arguments.Ensure: missing/, { arguments: {} }],
])("rejects a description with %s", async (_, says, about) => {
  expect((await problemsWith(() => {}, about)).join("\n")).toMatch(says);
});
