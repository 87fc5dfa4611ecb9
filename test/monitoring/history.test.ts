import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type History, openHistory } from "./history.ts";
import { hasPromtool } from "./promtool.ts";
import { alerts, RULES_FOLDER, rules } from "./rule-files.ts";
import { CLUSTER_FINDS, seededSamples } from "./seeded-clusters.ts";
import { FAULTS } from "./seeded-faults.ts";

const STEP = 120;
/** Eight hours, as a rollout that does not end is found after six. */
const MINUTES = 480;
/** Rules that are evaluated now still see the last samples. */
const end = Math.floor(Date.now() / 1000 / STEP) * STEP;
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

interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Returns the pending and firing alerts of the rules that Prometheus evaluates now. */
async function activeAlerts({ prometheus }: History): Promise<readonly ActiveAlert[]> {
  const answer = (await (await fetch(`${prometheus.url}/api/v1/alerts`)).json()) as { data: { alerts: ActiveAlert[] } };
  return answer.data.alerts;
}

/** Returns the mean of a recording's series at the end of the history. */
async function meanOf({ prometheus }: History, recording: string): Promise<number | undefined> {
  const [sample] = await prometheus.query(`avg(${recording} @ ${end})`);
  return sample?.value;
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
      config: { global: { evaluation_interval: "1s" }, rule_files: [`${RULES_FOLDER}/*.yaml`] },
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

  // The exporters of the simulator vary by up to a sixth around these values.
  test.each([
    { recording: "node:windows_node_memory_utilisation:available_ratio", mean: 7 / 16 },
    { recording: 'node:windows_node_cpu_utilisation:ratio_rate5m{cluster="eu"}', mean: 0.3 },
    { recording: "namespace_pod_container:windows_container_cpu_usage_cores:rate5m", mean: 0.2 },
    // Two containers share the endpoint of this pod: the sum of what is reported is twice as much.
    { recording: 'namespace_pod:windows_container_network_receive_bytes:rate5m{pod="cart-0"}', mean: 50_000 },
    { recording: 'namespace_pod:windows_container_network_transmit_bytes:rate5m{pod="cart-0"}', mean: 50_000 },
  ])("$recording is about $mean", async ({ recording, mean }) => {
    const found = await meanOf(history, recording);
    expect(found).toBeGreaterThan(mean * 0.8);
    expect(found).toBeLessThan(mean * 1.2);
  });

  test("each alert tells in whole sentences what it is about, with a number", async () => {
    const names = async () => new Set((await activeAlerts(history)).map(({ labels }) => labels["alertname"]));
    const lasting = alerts.map(({ alert }) => alert).filter((alert) => alert !== "WindowsNodeRestarted");
    await expect.poll(names, { timeout: 30_000 }).toEqual(new Set(lasting));
    const texts = (await activeAlerts(history)).map(({ labels, annotations }) => ({
      alert: labels["alertname"],
      text: `${annotations["summary"]} ${annotations["description"]}`,
      told: ["node", "name", "collector", "flow", "pool", "pod"].flatMap((label) => labels[label] ?? []),
    }));
    expect(texts.filter(({ text }) => /<no value>|<error|%!|\{\{|undefined| {2}| \./.test(text))).toEqual([]);
    expect(texts.filter(({ text, told }) => !told.every((value) => text.includes(value)))).toEqual([]);
    expect(texts.filter(({ text }) => !/^[A-Z].*\d.*\.$/.test(text))).toEqual([]);
  });
});
