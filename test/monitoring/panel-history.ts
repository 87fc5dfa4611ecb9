import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { dashboards } from "./dashboards.ts";
import { type History, openHistory } from "./history.ts";
import { RULES_FOLDER, ruleFiles, rules } from "./rule-files.ts";
import { seededSamples } from "./seeded-clusters.ts";
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

/** Returns the history of three clusters, with the recordings, and with each alert firing at once. */
export async function openPanelHistory(): Promise<History> {
  const alerts = mkdtempSync(path.join(tmpdir(), "alerts-"));
  for (const { name, groups } of ruleFiles) {
    writeFileSync(path.join(alerts, name), JSON.stringify({ groups: groups.map(atOnce) }));
  }
  const exprs = Object.values(dashboards).flatMap(({ panels }) =>
    panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  );
  const metrics = new Set([...exprs, ...rules.map(({ expr }) => expr)].join("\n").match(/\bwindows_\w+/g));
  const history = await openHistory({
    folder: process.env["PROMETHEUS_DIR"] ?? "",
    range: RANGE,
    samplesAt: (seconds) => {
      const minute = (seconds - RANGE.start) / 60;
      return [...seededSamples(seconds, minute, metrics), ...passSamples(seconds, minute)];
    },
    recordings: [`${RULES_FOLDER}/records.yaml`],
    config: { global: { evaluation_interval: "1s" }, rule_files: [`${alerts}/*.yaml`] },
  });
  return {
    ...history,
    close: async () => {
      await history.close();
      rmSync(alerts, { recursive: true });
    },
  };
}

type Group = (typeof ruleFiles)[number]["groups"][number];

function atOnce({ name, rules: own }: Group): Group {
  return { name, rules: own.map((rule) => ({ ...rule, for: "0s" })) };
}
