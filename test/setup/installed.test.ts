import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isRecent, OLDEST_NODE, whatDiffers } from "../installed.mjs";

const MACHINE = { platform: "linux", arch: "x64" };
const forMachine = { optional: true, os: ["linux"], cpu: ["x64"] };
const forAnother = { optional: true, os: ["win32"], cpu: ["x64"] };

/** A project that names one Node for this machine and one for another; a is needed, b's binding is not ours to judge. */
const WANTED = {
  "": { version: "0.1.0", optionalDependencies: { "node-here": "24.0.0", "node-there": "24.0.0" } },
  "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
  "node_modules/b-binding": { version: "1.0.0", integrity: "sha512-b", ...forMachine },
  "node_modules/node-here": { version: "24.0.0", integrity: "sha512-here", ...forMachine },
  "node_modules/node-there": { version: "24.0.0", integrity: "sha512-there", ...forAnother },
};
const { "": _root, "node_modules/node-there": _there, ...INSTALLED } = WANTED;
const { "node_modules/b-binding": _binding, ...WITHOUT_BINDING } = INSTALLED;
const { "node_modules/a": _a, ...WITHOUT_A } = INSTALLED;
const { "node_modules/node-here": _here, ...WITHOUT_NODE } = INSTALLED;

test.each([
  { when: "everything for this machine is there", installed: INSTALLED, differs: undefined },
  { when: "a binding that npm left out is missing", installed: WITHOUT_BINDING, differs: undefined },
  { when: "a package is missing", installed: WITHOUT_A, differs: "node_modules/a is not 1.0.0" },
  {
    when: "this machine's own Node is missing",
    installed: WITHOUT_NODE,
    differs: "node_modules/node-here is not 24.0.0",
  },
  {
    when: "a package has another version",
    installed: { ...INSTALLED, "node_modules/a": { version: "0.9.0", integrity: "sha512-a" } },
    differs: "node_modules/a is not 1.0.0",
  },
  {
    when: "a package has another content",
    installed: { ...INSTALLED, "node_modules/a": { version: "1.0.0", integrity: "sha512-z" } },
    differs: "node_modules/a is not 1.0.0",
  },
  {
    when: "a package is there that nobody asks for",
    installed: { ...INSTALLED, "node_modules/z": { version: "1.0.0" } },
    differs: "node_modules/z is not asked for",
  },
])("when $when: $differs", ({ installed, differs }) => {
  expect(whatDiffers({ packages: WANTED }, { packages: installed }, MACHINE)).toBe(differs);
});

test("without node_modules everything is to be installed", () => {
  expect(whatDiffers({ packages: WANTED }, undefined, MACHINE)).toBe("nothing is installed");
});

test("these tests run on what the lock file names", () => {
  const [wanted, installed] = [read("package-lock.json"), read("node_modules/.package-lock.json")];
  expect(whatDiffers(wanted, installed, process)).toBeUndefined();
});

test.each([
  { version: "v24.21.0", isEnough: true },
  { version: "v22.19.0", isEnough: true },
  { version: "v22.18.9", isEnough: false },
  { version: "v20.20.2", isEnough: false },
  { version: "", isEnough: false },
])("Node $version is recent enough: $isEnough", ({ version, isEnough }) => {
  expect(isRecent(version)).toBe(isEnough);
});

test("package.json asks for the same oldest Node", () => {
  expect(`${read("package.json").engines.node}.0`).toBe(`>=${OLDEST_NODE}`);
});

function read(path: string): { packages: Record<string, { version: string }>; engines: { node: string } } {
  return JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));
}
