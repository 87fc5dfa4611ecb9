import { expect, test } from "vitest";
import { provesHealth, readOwnRun } from "../../shared/extension/own-run.ts";
import type { InstanceExtension } from "../../shared/model/scale-set.ts";
import { cse, MARKER, OLD_MARKER, OLD_PACKAGE, ourEntry, ours, PACKAGE, tag } from "../build.ts";

const proof = (marker: string, metrics = "ok"): string =>
  `aks-windows-metrics package=${PACKAGE.hash} marker=${marker} metrics=${metrics}`;
const read = (over: Partial<InstanceExtension>) => readOwnRun({ extensions: [cse(), ours(over)] });
const settings = ourEntry({}, OLD_PACKAGE).settings;

test.each([
  { what: "the evidence before settings and tag", over: { logs: [proof(MARKER)], settings }, marker: MARKER },
  { what: "the settings before the tag", over: { settings, tag: tag() }, marker: OLD_MARKER },
  { what: "the tag", over: { tag: tag() }, marker: MARKER },
  { what: "nothing in settings of another form", over: { settings: { configurationArguments: 7 } }, marker: undefined },
  { what: "nothing where Azure shows nothing", over: {}, marker: undefined },
  { what: "no evidence of a run that failed", over: { state: "failed", logs: [proof(MARKER)] }, marker: undefined },
  { what: "no evidence that was cut", over: { logs: [proof(MARKER).slice(0, -14)] }, marker: undefined },
] as const)("the marker of a run is that of $what", ({ over, marker }) => {
  expect(read(over)?.marker).toBe(marker);
});

test("an instance without our extension has no run", () => {
  expect(readOwnRun({ extensions: [cse()] })).toBeUndefined();
});

test.each([
  { over: {}, showsEvidence: false, proves: true },
  { over: {}, showsEvidence: true, proves: false },
  { over: { logs: [proof(MARKER)] }, showsEvidence: true, proves: true },
  { over: { logs: [proof(MARKER, "absent")] }, showsEvidence: false, proves: false },
  { over: { message: "Error downloading x" }, showsEvidence: false, proves: false },
  { over: { state: "failed" }, showsEvidence: false, proves: false },
  { over: { state: "transitioning" }, showsEvidence: false, proves: false },
] as const)("$over proves health: $proves, if the cluster has shown evidence: $showsEvidence", (row) => {
  const run = read(row.over);
  expect(run && provesHealth(run, row.showsEvidence)).toBe(row.proves);
});
