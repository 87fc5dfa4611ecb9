import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { findNode, isRecent, OLDEST_NODES, whatDiffers } from "../installed.mjs";

const MACHINE = { platform: "linux", arch: "x64", libc: "glibc" };
const forMachine = { optional: true, os: ["linux"], cpu: ["x64"] };
const forAnother = { optional: true, os: ["win32"], cpu: ["x64"] };

/** A project with a Node for this machine and one for another, and with a package that has native bindings. */
const WANTED = {
  "": { version: "0.1.0", optionalDependencies: { "node-there": "24.0.0", "node-here": "24.0.0" } },
  "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
  "node_modules/b-glibc": { version: "1.0.0", integrity: "sha512-b", ...forMachine, libc: ["glibc"] },
  "node_modules/b-musl": { version: "1.0.0", integrity: "sha512-c", ...forMachine, libc: ["musl"] },
  "node_modules/b-arm64": { version: "1.0.0", integrity: "sha512-d", ...forMachine, cpu: "arm64" },
  "node_modules/b-wasm": { version: "1.0.0", integrity: "sha512-e", optional: true },
  "node_modules/node-here": { version: "24.0.0", ...forMachine, os: "linux", cpu: "x64", bin: { node: "bin/node" } },
  "node_modules/node-there": { version: "24.0.0", ...forAnother, bin: { node: "bin/node.exe" } },
};
const INSTALLED = keep("a", "b-glibc", "node-here");

test.each([
  { when: "everything for this machine is installed", installed: INSTALLED, differs: undefined },
  {
    when: "an optional package for any machine is installed too",
    installed: keep("a", "b-glibc", "b-wasm", "node-here"),
  },
  { when: "a package is missing", installed: keep("b-glibc", "node-here"), differs: "node_modules/a is not 1.0.0" },
  {
    when: "this machine's binding is missing",
    installed: keep("a", "node-here"),
    differs: "node_modules/b-glibc is not 1.0.0",
  },
  {
    when: "this machine's own Node is missing",
    installed: keep("a", "b-glibc"),
    differs: "node_modules/node-here is not 24.0.0",
  },
  {
    when: "a package has another version",
    installed: { ...INSTALLED, "node_modules/a": { version: "0.9.0", integrity: "sha512-a" } },
    differs: "node_modules/a is not 1.0.0",
  },
  {
    when: "a package has different content",
    installed: { ...INSTALLED, "node_modules/a": { version: "1.0.0", integrity: "sha512-z" } },
    differs: "node_modules/a is not 1.0.0",
  },
  {
    when: "a package is not in the lock file",
    installed: { ...INSTALLED, "node_modules/z": { version: "1.0.0" } },
    differs: "node_modules/z is not in package-lock.json",
  },
])("difference when $when: $differs", ({ installed, differs }) => {
  expect(whatDiffers({ packages: WANTED }, { packages: installed }, MACHINE)).toBe(differs);
});

test("everything is missing without node_modules", () => {
  expect(whatDiffers({ packages: WANTED }, undefined, MACHINE)).toBe("nothing is installed");
});

test("finds the project's Node for this machine, and none for a machine without one", () => {
  const here = { name: "node-here", program: "node-here/bin/node" };
  expect(findNode({ packages: WANTED }, MACHINE)).toEqual(here);
  expect(findNode({ packages: WANTED }, { platform: "darwin", arch: "arm64" })).toBeUndefined();
});

test("these tests run on the packages of the lock file", () => {
  const [wanted, installed] = [read("package-lock.json"), read("node_modules/.package-lock.json")];
  const { platform, arch } = process;
  expect(whatDiffers(wanted, installed, { platform, arch })).toBeUndefined();
});

test.each([
  { version: "v24.21.0", isEnough: true },
  { version: "v22.19.0", isEnough: true },
  { version: "v26.0.0", isEnough: true },
  { version: "v24.5.0", isEnough: true },
  { version: "v24.4.1", isEnough: false },
  { version: "v23.11.0", isEnough: false },
  { version: "v22.18.9", isEnough: false },
  { version: "v20.20.2", isEnough: false },
  { version: "", isEnough: false },
])("Node $version is recent enough: $isEnough", ({ version, isEnough }) => {
  expect(isRecent(version)).toBe(isEnough);
});

test("package.json requires the same minimum version of Node", () => {
  expect(read("package.json").engines.node).toBe(`>=${OLDEST_NODES[0]}`);
});

function read(path: string): { packages: Record<string, { version: string }>; engines: { node: string } } {
  return JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));
}

function keep(...names: readonly string[]): Readonly<Record<string, { version: string; integrity?: string }>> {
  const paths = new Set(names.map((name) => `node_modules/${name}`));
  return Object.fromEntries(Object.entries(WANTED).filter(([path]) => paths.has(path)));
}
