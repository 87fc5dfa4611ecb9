import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ExporterSample } from "../simulators/exporter-samples.ts";
import { dashboards } from "./dashboards.ts";
import { type History, openHistory } from "./history.ts";
import { RULES_FOLDER, ruleFiles, rules } from "./rule-files.ts";
import { CLUSTER_FINDS, seededSamples } from "./seeded-clusters.ts";
import { FAULTS } from "./seeded-faults.ts";
import { passSamples } from "./seeded-passes.ts";

const MINUTES = 480;
const STEP = 120;
const end = Math.floor(Date.now() / 1000 / STEP) * STEP;
/** Eight hours until now, in which the faults of the history have happened. */
export const RANGE = { start: end - MINUTES * 60, end, step: STEP };

/** Values of the variables: everything, and for the node dashboard nodes of all clusters. */
export const ALL = {
  cluster: ".*",
  agentpool: ".*",
  node: ".*",
  __rate_interval: `${(STEP * 4) / 60}m`,
  __range: `${MINUTES}m`,
};

interface Part {
  /** How many of the minutes until now. */
  readonly minutes?: number;
  /** Returns what of the samples is in it. */
  readonly change?: (samples: readonly ExporterSample[]) => readonly ExporterSample[];
  /** How many alerts it waits for. */
  readonly alerts?: number;
}

/** As many as the faults cause, but for a restart, which is over. */
const MOST_ALERTS = FAULTS.flatMap(({ finds }) => finds).length + CLUSTER_FINDS.length - 1;

/** Returns the history of three clusters, or a part of it, with the recordings, and with each alert firing at once. */
export async function openPanelHistory(part: Part = {}): Promise<History> {
  const { minutes = MINUTES, change = (all) => all, alerts = MOST_ALERTS } = part;
  const ruleFolder = mkdtempSync(path.join(tmpdir(), "alerts-"));
  for (const { name, groups } of ruleFiles) {
    writeFileSync(path.join(ruleFolder, name), JSON.stringify({ groups: groups.map(atOnce) }));
  }
  const exprs = Object.values(dashboards).flatMap(({ panels }) =>
    panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  );
  const metrics = new Set([...exprs, ...rules.map(({ expr }) => expr)].join("\n").match(/\bwindows_\w+/g));
  const history = await openHistory({
    folder: process.env["PROMETHEUS_DIR"] ?? "",
    range: { ...RANGE, start: end - minutes * 60 },
    samplesAt: (seconds) => {
      const minute = (seconds - RANGE.start) / 60;
      return change([...seededSamples(seconds, minute, metrics), ...passSamples(seconds, minute)]);
    },
    recordings: [`${RULES_FOLDER}/records.yaml`],
    config: { global: { evaluation_interval: "1s" }, rule_files: [`${ruleFolder}/*.yaml`] },
  });
  const { prometheus } = history;
  while ((await prometheus.query(`count(ALERTS{alertstate="firing"}) >= ${alerts}`)).length === 0) await sleep(200);
  return {
    ...history,
    close: async () => {
      await history.close();
      rmSync(ruleFolder, { recursive: true });
    },
  };
}

type Group = (typeof ruleFiles)[number]["groups"][number];

function atOnce({ name, rules: own }: Group): Group {
  return { name, rules: own.map((rule) => ({ ...rule, for: "0s" })) };
}
