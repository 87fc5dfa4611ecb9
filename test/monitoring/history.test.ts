import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type History, openHistory } from "./history.ts";
import { hasPromtool } from "./promtool.ts";
import { alerts, RULES_FOLDER, rules } from "./rule-files.ts";
import { CLUSTER_FINDS, seededSamples } from "./seeded-clusters.ts";
import { FAULTS } from "./seeded-faults.ts";

const STEP = 120;
/** Eight hours, as a rollout that does not end is found after six. */
const MINUTES = 480;
const end = Math.floor(Date.now() / 7_200_000) * 7200;
const range = { start: end - MINUTES * 60, end, step: STEP };

const EXPECTED = [...FAULTS.flatMap(({ finds }) => finds), ...CLUSTER_FINDS];
const TARGET_LABELS = new Set(["__name__", "job", "instance", "agentpool"]);

/** Returns the values of the labels that tell what an alert is about, in the order of their names. */
function subjectOf(labels: Readonly<Record<string, string>>): string {
  const told = Object.entries(labels).filter(([name]) => !TARGET_LABELS.has(name));
  return told
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, value]) => value)
    .join("/");
}

/** Returns the longest time without a gap, in seconds. */
function longestRun(times: readonly number[]): number {
  let [start = 0, longest] = [times[0], 0];
  times.forEach((time, index) => {
    if (index > 0 && time - (times[index - 1] ?? 0) > STEP) start = time;
    longest = Math.max(longest, time - start);
  });
  return longest;
}

function secondsOf(duration = "0m"): number {
  return Number.parseInt(duration, 10) * (duration.endsWith("h") ? 3600 : 60);
}

describe.skipIf(!hasPromtool)("the history of three clusters (needs PROMETHEUS_DIR)", () => {
  let history: History;
  beforeAll(async () => {
    const text = rules.map(({ expr }) => expr).join("\n");
    const metrics = new Set(text.match(/\bwindows_\w+/g));
    history = await openHistory({
      folder: process.env["PROMETHEUS_DIR"] ?? "",
      range,
      samplesAt: (seconds) => seededSamples(seconds, (seconds - range.start) / 60, metrics),
      recordings: [`${RULES_FOLDER}/records.yaml`],
    });
  });
  afterAll(() => history?.close());

  test.each(alerts)("$alert finds its fault and nothing else", async ({ alert, expr, for: after }) => {
    const series = await history.prometheus.queryRange(expr, range);
    const found = series.filter(({ times }) => longestRun(times) >= secondsOf(after));
    const expected = EXPECTED.filter((each) => each.startsWith(`${alert} `));
    expect(expected.length).toBeGreaterThan(0);
    expect(found.map(({ labels }) => `${alert} ${subjectOf(labels)}`).toSorted()).toEqual(expected.toSorted());
  });
});
