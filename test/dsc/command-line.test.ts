import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeSimulatedRelease } from "../sandbox/simulated-msi.ts";
import { makeFolder, runDsc } from "./package-fixture.ts";

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));
const { release, msi } = writeSimulatedRelease(folder, "0.31.8");
const file = join(folder, "file");
writeFileSync(file, "");

const CONTAINER = ["--container", "https://a.blob.core.windows.net/c"];
const VERSION = ["--version", "0.31.9", "--sha256", "cd".repeat(32)];
/** A command line of each command to which only what a test adds is wrong. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  build: ["--release", release, "--msi", msi, "--out", join(folder, "never")],
  bump: VERSION,
  publish: CONTAINER,
  verify: CONTAINER,
};
const NAMES = Object.keys(COMMANDS);

test("every command documents its options and exit codes", async () => {
  const results = await Promise.all(NAMES.map((command) => runDsc(command, [...(COMMANDS[command] ?? []), "--help"])));
  for (const [index, { code, out, error }] of results.entries()) {
    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(out).toContain(`npm run dsc:${NAMES[index]} -- `);
    const named = [...(COMMANDS[NAMES[index] ?? ""] ?? []), "--json", "--help"].filter((word) => word.startsWith("--"));
    expect(named.filter((word) => !out.includes(`\n  ${word} `))).toEqual([]);
    expect(Array.from(out.matchAll(/^ {2}(\d+) +\S/gm), ([, number]) => number)).toEqual(["0", "1", "2", "3", "130"]);
  }
});

test.each([
  ["build", ["--foo"], "Unknown option '--foo'"],
  ["bump", ["foo"], "Unexpected argument 'foo'"],
  ["publish", ["foo"], "'foo' is not expected"],
  ["verify", ["--container"], "Option '--container <value>' argument missing"],
  ["build", ["--msi="], "--msi is empty"],
  ["bump", ["--release", ""], "--release is empty"],
  ["publish", ["--rollback", "0"], "--rollback: found '0'"],
])("%s exits with 2 and prints its usage for %j", async (command, args, says) => {
  const { code, out, error } = await runDsc(command, [...(COMMANDS[command] ?? []), ...args]);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(error.split("\n")[0]).toContain(says);
  expect(error).toContain(`npm run dsc:${command} -- `);
});

test("a command without a required option exits with 2", async () => {
  const results = await Promise.all(["bump", "publish", "verify"].map((command) => runDsc(command, [])));
  expect(results.map(({ code, error }) => [code, error.split("\n")[0]])).toEqual([
    [2, "--version is missing"],
    [2, "--container is missing"],
    [2, "--container is missing"],
  ]);
});

const BUILT = ["--release", release, "--msi", msi];

test.each([
  ["build", ["--release", "none.json"], "--release: none.json cannot be read (ENOENT)"],
  ["build", ["--release", release, "--msi", "none.msi"], "--msi: none.msi cannot be read (ENOENT)"],
  ["build", ["--release", release, "--cache", join(file, "a")], `--cache: ${join(file, "a")} cannot be made (ENOTDIR)`],
  ["build", [...BUILT, "--out", file], `--out: ${file} cannot be made (EEXIST)`],
  ["bump", [...VERSION, "--release", "none.json"], "--release: none.json cannot be read (ENOENT)"],
  ["publish", [...CONTAINER, "--release", release, "--msi", folder], `--msi: ${folder} cannot be read (EISDIR)`],
  ["publish", [...CONTAINER, "--release", release, "--cache", file], `--cache: ${file} cannot be made (EEXIST)`],
  ["publish", [...CONTAINER, "--package", msi], `--package: ${msi}.json cannot be read (ENOENT)`],
])("%s names the option of a path that cannot be used: %j", async (command, args, says) => {
  const json = await runDsc(command, [...args, "--json"]);
  expect(json).toMatchObject({ code: 1, error: `${says}\n` });
  expect(JSON.parse(json.out)).toEqual({ error: says });
});

test("build names --out if a file in it cannot be written", async () => {
  const out = join(folder, "out");
  const built = await runDsc("build", [...BUILT, "--out", out, "--json"]);
  const { package: hash, zip, bytes, contents } = JSON.parse(built.out);
  expect({ hash, zip }).toEqual({
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    zip: expect.stringContaining(`${hash}.zip`),
  });
  expect(bytes).toBeGreaterThan(contents.reduce((sum: number, { size }: { size: number }) => sum + size, 0));
  rmSync(join(out, `${hash}.zip`));
  mkdirSync(join(out, `${hash}.zip`));
  const again = await runDsc("build", [...BUILT, "--out", out]);
  expect(again).toMatchObject({ code: 1, error: `--out: ${join(out, hash)}.zip cannot be written (EISDIR)\n` });
});

test("bump answers with JSON, also if there is nothing to do", async () => {
  const run = async () => JSON.parse((await runDsc("bump", [...VERSION, "--release", release, "--json"])).out);
  expect(await run()).toEqual({ release, changes: expect.arrayContaining(["exporter.version: 0.31.8 -> 0.31.9"]) });
  expect(await run()).toEqual({ release, changes: [] });
});
