import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bumpRelease } from "../../dsc/bump-release.ts";
import { sha256Of } from "../../dsc/package.ts";
import { parseRelease } from "../../dsc/release.ts";
import { isBelow } from "../../dsc/version.ts";
import { makeSimulatedMsi } from "../sandbox/simulated-msi.ts";

const TEXT = readFileSync(new URL("../../dsc/release.json", import.meta.url), "utf8");
const SIMULATED = readFileSync(new URL("../sandbox/release.json", import.meta.url), "utf8");

type Json = Record<string, unknown> & { exporter: Record<string, unknown>; arguments: Record<string, unknown> };

/** Returns the shipped release with a change. */
function changed(change: (json: Json) => void): string {
  const json = JSON.parse(TEXT) as Json;
  change(json);
  return JSON.stringify(json);
}

const reading = (text: string) => () => parseRelease(text, "release.json");

test("the shipped release is deployable, and the sandbox's is not", () => {
  expect(parseRelease(TEXT, "release.json")).toMatchObject({ deployable: true, exporter: { version: "0.31.8" } });
  const simulated = parseRelease(SIMULATED, "release.json");
  expect(simulated.deployable).toBe(false);
  expect(simulated.exporter.sha256).toBe(sha256Of(makeSimulatedMsi(simulated.exporter.version)));
});

describe("rejects a release with", () => {
  test.each<[fault: string, says: string, change: (json: Json) => void]>([
    ["an unknown key", "extra: unknown", (json) => (json["extra"] = 1)],
    ["an unknown key of the exporter", "exporter.sha265: unknown", (json) => (json.exporter["sha265"] = "")],
    ["a missing key", "deployable: missing, expected true or false", (json) => delete json["deployable"]],
    ["a missing hash", "exporter.sha256: missing", (json) => delete json.exporter["sha256"]],
    ["an invalid hash", 'exporter.sha256: found "abc"', (json) => (json.exporter["sha256"] = "abc")],
    ["an exporter that is not an object", "exporter: found 7", (json) => Object.assign(json, { exporter: 7 })],
    ["a version with a v", 'exporter.version: found "v0.31.8"', (json) => (json.exporter["version"] = "v0.31.8")],
    [
      "a version below the minimum",
      "found 0.31.6, expected minimumVersion, 0.31.7",
      (json) => {
        Object.assign(json, { minimumVersion: "0.31.7" });
        json.exporter["version"] = "0.31.6";
      },
    ],
    [
      "a minimum below the lowest possible one",
      "found 0.31.5, expected 0.31.6",
      (json) => (json["minimumVersion"] = "0.31.5"),
    ],
    ["a download without TLS", "exporter.url: found", (json) => (json.exporter["url"] = "http://x.invalid/a")],
    ["a URL with a password", "exporter.url: found", (json) => (json.exporter["url"] = "https://a:b@x.invalid/a")],
    ["a removed collector", "unknown collector 'cs'", (json) => (json["collectors"] = ["cpu", "cs"])],
    ["a collector in a different case", "unknown collector 'CPU'", (json) => (json["collectors"] = ["CPU"])],
    ["a collector twice", "'cpu' twice", (json) => (json["collectors"] = ["cpu", "cpu"])],
    ["no collector", "found no collector", (json) => (json["collectors"] = [])],
    ["collectors as text", "collectors: found", (json) => (json["collectors"] = "cpu,os")],
    ["the app's argument", "arguments.Package: unknown", (json) => (json.arguments["Package"] = "x")],
    ["the app's other argument", "arguments.Marker: unknown", (json) => (json.arguments["Marker"] = "x")],
    ["the builder's argument", "arguments.Ensure: unknown", (json) => (json.arguments["Ensure"] = "Absent")],
    ["an argument in a different case", "arguments.port: unknown", (json) => (json.arguments["port"] = 1)],
    ["an invalid port", "arguments.Port: found 65536", (json) => (json.arguments["Port"] = 65_536)],
    ["a port as text", 'arguments.Port: found "9182"', (json) => (json.arguments["Port"] = "9182")],
    [
      "an unknown mode",
      "arguments.ConfigurationMode: found",
      (json) => (json.arguments["ConfigurationMode"] = "Apply"),
    ],
    ["too few minutes", "Mins: found 29", (json) => (json.arguments["ConfigurationModeFrequencyMins"] = 29)],
    ["too many minutes", "Mins: found 61", (json) => (json.arguments["ConfigurationModeFrequencyMins"] = 61)],
    ["the port of AKS's exporter", "arguments.Port: found 19182", (json) => (json.arguments["Port"] = 19_182)],
    ["the port of the kubelet", "arguments.Port: found 10250", (json) => (json.arguments["Port"] = 10_250)],
    ["a NodePort", "arguments.Port: found 30000", (json) => (json.arguments["Port"] = 30_000)],
    ["a dynamic port", "arguments.Port: found 16385", (json) => (json.arguments["Port"] = 16_385)],
    ["a port that AKS can change to", "arguments.Port: found 19100", (json) => (json.arguments["Port"] = 19_100)],
  ])("%s", (_, says, change) => {
    expect(reading(changed(change))).toThrow(says);
  });

  test("several faults, all in one error", () => {
    const text = changed((json) => {
      delete json["deployable"];
      json.exporter["sha256"] = 1;
      json["collectors"] = ["cs"];
    });
    expect(reading(text)).toThrow(/deployable: missing[\s\S]*exporter.sha256: found 1[\s\S]*unknown collector 'cs'/);
  });

  test.each([
    ["invalid JSON", "{"],
    ["a list instead of an object", "[]"],
  ])("%s", (_, text) => {
    expect(reading(text)).toThrow("release.json is refused: expected ");
  });
});

test("the configuration accepts exactly the arguments that the builder allows", () => {
  const text = readFileSync(new URL("../../dsc/WindowsExporter.ps1", import.meta.url), "utf8");
  const validators = Array.from(
    text.matchAll(/\[Validate(?:Set|Range)\(([^)]+)\)\]\s+\[\w+\]\s+\$(\w+)/g),
    ([, values = "", name = ""]) => [name, values.replaceAll("'", "")] as const,
  );
  expect(Object.fromEntries(validators)).toEqual({
    Ensure: "Present, Absent",
    Port: "1, 65535",
    ConfigurationMode: "ApplyAndAutoCorrect, ApplyAndMonitor, ApplyOnly",
    ConfigurationModeFrequencyMins: "30, 60",
  });
  const good = { Port: [1, 16_384], ConfigurationModeFrequencyMins: [30, 60] };
  const modes = ["ApplyAndAutoCorrect", "ApplyAndMonitor", "ApplyOnly"];
  for (const [name, values] of Object.entries({ ...good, ConfigurationMode: modes })) {
    for (const value of values) expect(reading(changed((json) => (json.arguments[name] = value)))).not.toThrow();
  }
});

test.each([
  ["0.31.6", "0.31.8", true],
  ["0.31.8", "0.31.8", false],
  ["0.31.10", "0.31.9", false],
  ["0.9.0", "0.31.0", true],
  ["1.0.0", "0.99.99", false],
])("%s is below %s: %s", (version, other, below) => {
  expect(isBelow(version, other)).toBe(below);
});

describe("bump", () => {
  const bump = (version: string, sha256: string) => bumpRelease(TEXT, "release.json", { version, sha256 });

  test("changes only version, URL and hash, and keeps the formatting", () => {
    const { text, changes } = bump("0.32.0", "AB".repeat(32));
    const { exporter } = parseRelease(text, "release.json");
    expect(exporter).toMatchObject({ version: "0.32.0", sha256: "ab".repeat(32) });
    expect(exporter.url).toContain("/v0.32.0/windows_exporter-0.32.0-amd64.msi");
    expect(changes.map((change) => change.split(":")[0])).toEqual(
      ["version", "url", "sha256"].map((key) => `exporter.${key}`),
    );
    const old = parseRelease(TEXT, "release.json").exporter;
    const back = text.replaceAll("0.32.0", old.version).replace("ab".repeat(32), old.sha256);
    expect(back).toBe(TEXT);
  });

  test("changes nothing if the release is already at that version", () => {
    const { version, sha256 } = parseRelease(TEXT, "release.json").exporter;
    expect(bump(version, sha256.toUpperCase())).toEqual({ text: TEXT, changes: [] });
  });

  test.each([
    ["an invalid version", "v0.32.0", "ab".repeat(32), "--version: found 'v0.32.0'"],
    ["a version below the minimum", "0.31.5", "ab".repeat(32), "found 0.31.5, expected minimumVersion"],
    ["an invalid hash", "0.32.0", "ab", "--sha256: found 'ab'"],
    ["another hash for the same version", "0.31.8", "ab".repeat(32), "the same version with another hash"],
    [
      "the same hash for another version",
      "0.32.0",
      parseRelease(TEXT, "").exporter.sha256,
      "another version with the same hash",
    ],
  ])("rejects %s", (_, version, sha256, says) => {
    expect(() => bump(version, sha256)).toThrow(says);
  });
});
