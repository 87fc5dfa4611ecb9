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

/** Returns a copy of the configuration and its module that a test can change. */
function copySource(name: string): string {
  const source = join(folder, name);
  cpSync(join(ROOT, "dsc"), source, { recursive: true });
  return source;
}

const msi = Buffer.from("msi");
const buildFrom = (source: string) => buildPackage(makeRelease(msi), msi, source);

/** Builds a package with an MSI and returns its ID, which its configuration contains too. */
async function idOf(content: string): Promise<string> {
  const files = unzipSync((await buildSmall(content)).bytes);
  const id = Buffer.from(files["AksWindowsMetrics/content.txt"] ?? [])
    .toString()
    .trim();
  expect(Buffer.from(files["WindowsExporter.ps1"] ?? []).toString()).toContain(`$content = '${id}'\n`);
  return id;
}

describe("package", () => {
  test("has the configuration at its root and everything else in one module folder", async () => {
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

  test("has the arguments of the release, and those of its MSI", async () => {
    const { description } = await buildSmall("msi", { arguments: { Port: 9200, FirewallRule: true } });
    const built = { Ensure: "Present", MsiSha256: sha256Of(msi), Version: "0.31.8" };
    expect(description).toMatchObject({ exporterVersion: "0.31.8", deployable: false });
    expect(description.arguments).toEqual({ Port: 9200, FirewallRule: true, ...built });
  });

  test.each([
    ["the port", { arguments: { Port: 9200 } }],
    ["the collectors", { collectors: ["cpu"] }],
    ["deployable", { deployable: true }],
  ])("its hash depends on %s", async (_, changes) => {
    const [one, other] = [await buildSmall("msi"), await buildSmall("msi", changes)];
    expect(other.description.package).not.toBe(one.description.package);
  });
});

describe("content of a package", () => {
  test("includes what the module loads, but no tests and no documentation", async () => {
    const source = copySource("more");
    for (const name of ["Get-More.Tests.ps1", "README.md"]) {
      writeFileSync(join(source, "AksWindowsMetrics", name), "# more\n");
    }
    const { contents } = await buildFrom(source);
    const module = readFileSync(join(source, "AksWindowsMetrics", "AksWindowsMetrics.psm1"), "utf8");
    const [, parts = ""] = /\$part in ([^)]+)\)/.exec(module) ?? [];
    const loaded = Array.from(parts.matchAll(/'(\w+)'/g), ([, part = ""]) => `AksWindowsMetrics/${part}.ps1`);
    expect(loaded.length).toBeGreaterThan(10);
    const paths = contents.map(({ path }) => path).filter((path) => /\/\w+\.ps1$/.test(path));
    expect(paths).toEqual(loaded.toSorted());
  });

  test.each(["More.psm1", "private/Get-More.ps1"])(
    "is not built with %s, which the module does not load",
    async (name) => {
      const source = copySource(`stray-${name.length}`);
      mkdirSync(join(source, "AksWindowsMetrics", "private"));
      writeFileSync(join(source, "AksWindowsMetrics", name), "# more\n");
      await expect(buildFrom(source)).rejects.toThrow(`AksWindowsMetrics/${name} is not loaded by`);
    },
  );

  test("is not built without a part that the module loads", async () => {
    const source = copySource("part");
    rmSync(join(source, "AksWindowsMetrics", "Health.ps1"));
    await expect(buildFrom(source)).rejects.toThrow("AksWindowsMetrics/Health.ps1 is missing, and");
  });

  test("has the same ID in configuration and module, another one for each content", async () => {
    expect(await idOf("msi")).toBe(await idOf("msi"));
    expect(await idOf("other")).not.toBe(await idOf("msi"));
  });

  test.each([
    ["non-ASCII characters without a byte order mark", "WindowsExporter.ps1", "# é\n", /byte order mark/],
    ["a configuration file with an unknown key", "config.yaml", 'a: 1\nenabled: "{{Collectors}}"\n', /unknown key a;/],
  ])("is not built from %s", async (what, file, content, says) => {
    const source = copySource(what);
    writeFileSync(join(source, file), content);
    await expect(buildFrom(source)).rejects.toThrow(says);
  });

  test("can have non-ASCII characters in a file with a byte order mark", async () => {
    const source = copySource("marked");
    writeFileSync(join(source, "AksWindowsMetrics", "Time.ps1"), "\uFEFF# é\n");
    const { bytes } = await buildFrom(source);
    expect(Buffer.from(unzipSync(bytes)["AksWindowsMetrics/Time.ps1"] ?? []).toString()).toBe("\uFEFF# é\n");
  });

  test("is not built without the manifest of its module", async () => {
    const source = copySource("bare");
    rmSync(join(source, "AksWindowsMetrics", "AksWindowsMetrics.psd1"));
    await expect(buildFrom(source)).rejects.toThrow("AksWindowsMetrics/AksWindowsMetrics.psd1 is missing, and");
  });

  test("is not built from an MSI that differs in one byte", async () => {
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

/** Builds in a separate process, from a copy of the project in another folder, with CRLF line endings. */
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

test("the build is reproducible in any folder, time zone, umask, locale and line ending", async () => {
  const out = join(folder, "here");
  const here = await runDsc("build", ["--release", simulated.release, "--msi", simulated.msi, "--out", out], {
    TZ: "UTC",
  });
  expect(here).toMatchObject({ code: 0 });
  const [hash] = here.out.split("\n");
  expect(await buildElsewhere("a", 0o077, { TZ: "Pacific/Kiritimati" })).toBe(hash);
  expect(await buildElsewhere("b", 0, { TZ: "America/St_Johns", LC_ALL: "tr_TR.UTF-8" })).toBe(hash);
});

test("a bump rewrites the release file, and an invalid bump leaves it unchanged", async () => {
  const file = join(folder, "bumped.json");
  cpSync(join(ROOT, "dsc", "release.json"), file);
  const bump = (version: string) =>
    runDsc("bump", ["--version", version, "--sha256", "cd".repeat(32), "--release", file]);
  expect(await bump("0.30.0")).toMatchObject({ code: 1 });
  expect(readFileSync(file, "utf8")).toBe(readFileSync(join(ROOT, "dsc", "release.json"), "utf8"));
  expect(await bump("0.40.0")).toMatchObject({ code: 0, out: expect.stringContaining("0.31.8 -> 0.40.0") });
  expect(parseRelease(readFileSync(file, "utf8"), file).exporter.version).toBe("0.40.0");
});
