import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { unzipSync } from "fflate";
import { afterAll, describe, expect, test } from "vitest";
import { buildPackage } from "../../dsc/build-package.ts";
import { sha256Of } from "../../dsc/package.ts";
import { parseRelease } from "../../dsc/release.ts";
import { writeSimulatedRelease } from "../sandbox/simulated-msi.ts";
import { ROOT, buildSmall, makeFolder, makeRelease, runDsc } from "./package-fixture.ts";

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));
const simulated = writeSimulatedRelease(join(folder, "simulated"), "0.31.9");

/** A copy of the configuration and its module, for one test to change. */
function copySource(name: string): string {
  const source = join(folder, name);
  cpSync(join(ROOT, "dsc"), source, { recursive: true });
  return source;
}

const msi = Buffer.from("msi");
const buildFrom = (source: string) => buildPackage(makeRelease(msi), msi, source);

describe("a package", () => {
  test("has the configuration at its root and all else in one module folder", async () => {
    const { bytes, contents } = await buildSmall("msi");
    const paths = contents.map(({ path }) => path);
    expect(paths).toEqual(paths.toSorted());
    expect(paths).toEqual(
      expect.arrayContaining([
        "AksWindowsMetrics/AksWindowsMetrics.psd1",
        "AksWindowsMetrics/AksWindowsMetrics.psm1",
        "AksWindowsMetrics/config.yaml",
        "AksWindowsMetrics/windows_exporter.msi",
        "WindowsExporter.ps1",
        "dscmetadata.json",
      ]),
    );
    const files = unzipSync(bytes);
    expect(Object.keys(files)).toEqual(paths);
    expect(Buffer.from(files["dscmetadata.json"] ?? []).toString()).toBe('{"Modules":["AksWindowsMetrics"]}');
  });

  test("is called with what the release says and what it was built from", async () => {
    const { description } = await buildSmall("msi", { arguments: { Port: 9200, FirewallRule: true } });
    const built = { Ensure: "Present", MsiSha256: sha256Of(msi), Version: "0.31.8" };
    expect(description).toMatchObject({ exporterVersion: "0.31.8", deployable: false });
    expect(description.arguments).toEqual({ Port: 9200, FirewallRule: true, ...built });
  });

  test.each([
    ["another port", { arguments: { Port: 9200 } }],
    ["other collectors", { collectors: ["cpu"] }],
    ["leave to deploy it", { deployable: true }],
  ])("with %s is another package", async (_, changes) => {
    const [one, other] = [await buildSmall("msi"), await buildSmall("msi", changes)];
    expect(other.description.package).not.toBe(one.description.package);
  });

  test("has every PowerShell file of the module in it, but no tests and no documentation", async () => {
    const source = copySource("more");
    mkdirSync(join(source, "AksWindowsMetrics", "private"));
    for (const name of ["private/Get-More.ps1", "private/Get-More.Tests.ps1", "README.md", "More.psm1"]) {
      writeFileSync(join(source, "AksWindowsMetrics", name), "# more\n");
    }
    const [plain, more] = [await buildSmall("msi"), await buildFrom(source)];
    const known = new Set(plain.contents.map(({ path }) => path));
    const added = more.contents.map(({ path }) => path).filter((path) => !known.has(path));
    expect(added).toEqual(["AksWindowsMetrics/More.psm1", "AksWindowsMetrics/private/Get-More.ps1"]);
  });

  test.each([
    ["characters beyond ASCII without a byte order mark", "WindowsExporter.ps1", "# é\n", /byte order mark/],
    ["a configuration file with an unknown key", "config.yaml", 'a: 1\nenabled: "{{Collectors}}"\n', /unknown key a;/],
  ])("with %s is refused", async (what, file, content, says) => {
    const source = copySource(what);
    writeFileSync(join(source, file), content);
    await expect(buildFrom(source)).rejects.toThrow(says);
  });

  test("may have characters beyond ASCII where a byte order mark says how they are written", async () => {
    const source = copySource("marked");
    writeFileSync(join(source, "AksWindowsMetrics", "Marked.ps1"), "\uFEFF# é\n");
    const { bytes } = await buildFrom(source);
    expect(Buffer.from(unzipSync(bytes)["AksWindowsMetrics/Marked.ps1"] ?? []).toString()).toBe("\uFEFF# é\n");
  });

  test("is refused without its module's manifest", async () => {
    const source = copySource("bare");
    rmSync(join(source, "AksWindowsMetrics", "AksWindowsMetrics.psd1"));
    await expect(buildFrom(source)).rejects.toThrow("AksWindowsMetrics/AksWindowsMetrics.psd1 is missing");
  });

  test("is not built from an MSI in which one byte differs", async () => {
    const bytes = readFileSync(simulated.msi);
    const release = parseRelease(readFileSync(simulated.release, "utf8"), simulated.release);
    const source = join(ROOT, "dsc");
    await expect(buildPackage(release, bytes, source)).resolves.toBeDefined();
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    await expect(buildPackage(release, bytes, source)).rejects.toThrow(
      `expected ${release.exporter.sha256}, exporter.sha256 of the release; take the file of that version`,
    );
  });
});

/** Builds in a process of its own, from a copy of the project elsewhere whose texts have other line ends. */
async function buildElsewhere(name: string, umask: number, env: Readonly<Record<string, string>>): Promise<string> {
  const project = join(folder, name);
  const parts = ["dsc", "shared", "package.json"];
  for (const part of parts) cpSync(join(ROOT, part), join(project, part), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(project, "node_modules"), "junction");
  const texts = readdirSync(join(project, "dsc"), { recursive: true, encoding: "utf8" });
  for (const text of texts.filter((each) => /\.(ps[dm]?1|yaml|json)$/.test(each))) {
    const path = join(project, "dsc", text);
    writeFileSync(path, readFileSync(path, "utf8").replaceAll("\n", "\r\n"));
  }
  const out = join(project, "out");
  const args = ["--release", simulated.release, "--msi", simulated.msi, "--out", out];
  const build = JSON.stringify(pathToFileURL(join(project, "dsc", "build.ts")).href);
  const script = `process.umask(${umask}); await import(${build})`;
  const run = promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script, "--", "build", ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
  });
  const [hash = ""] = (await run).stdout.split("\n");
  expect(sha256Of(readFileSync(join(out, `${hash}.zip`)))).toBe(hash);
  return hash;
}

test("the same release is the same package in every folder, time zone, umask and line end", async () => {
  const out = join(folder, "here");
  const here = await runDsc("build", ["--release", simulated.release, "--msi", simulated.msi, "--out", out], {
    TZ: "UTC",
  });
  expect(here).toMatchObject({ code: 0 });
  const [hash] = here.out.split("\n");
  expect(await buildElsewhere("a", 0o077, { TZ: "Pacific/Kiritimati" })).toBe(hash);
  expect(await buildElsewhere("b", 0, { TZ: "America/St_Johns", LC_ALL: "tr_TR.UTF-8" })).toBe(hash);
});

test.each([
  ["an unknown option", ["--foo"], "Unknown option '--foo'"],
  ["an argument that is no option", ["foo"], "Unexpected argument 'foo'"],
])("%s is answered with the usage and exit code 1", async (_, args, says) => {
  const result = await runDsc("build", args);
  expect(result).toMatchObject({ code: 1, error: expect.stringContaining(says) });
  expect(result.error).toContain("npm run dsc:build -- [--release FILE]");
});

test("every command explains itself when it is asked to, and when something it needs is missing", async () => {
  for (const command of ["build", "bump", "publish", "verify"]) {
    const help = await runDsc(command, ["--help"]);
    expect(help).toMatchObject({ code: 0, out: expect.stringContaining(`npm run dsc:${command} -- `) });
    if (command === "build") continue;
    expect(await runDsc(command, [])).toMatchObject({ code: 1, error: expect.stringContaining("is missing") });
  }
});

test("a bump rewrites its release file, and what cannot be is left as it is", async () => {
  const file = join(folder, "bumped.json");
  cpSync(join(ROOT, "dsc", "release.json"), file);
  const bump = (version: string) =>
    runDsc("bump", ["--version", version, "--sha256", "cd".repeat(32), "--release", file]);
  expect(await bump("0.30.0")).toMatchObject({ code: 1 });
  expect(readFileSync(file, "utf8")).toBe(readFileSync(join(ROOT, "dsc", "release.json"), "utf8"));
  expect(await bump("0.40.0")).toMatchObject({ code: 0, out: expect.stringContaining("0.31.8 -> 0.40.0") });
  expect(parseRelease(readFileSync(file, "utf8"), file).exporter.version).toBe("0.40.0");
});
