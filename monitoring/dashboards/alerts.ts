import type { Place } from "./panels.ts";
import { table } from "./table.ts";
import { SEVERITIES_AS } from "./texts.ts";

const SEVERITIES = ["info", "warning", "critical"] as const;
const RULES = 'alertname=~"Windows.*",alertstate="firing"';

/** The firing alerts of what matchers select, with the rank of their severity from 1. */
export function firingAlerts(matchers: string): string {
  const ranked = SEVERITIES.map((severity, index) => {
    const own = `ALERTS{${RULES},${matchers},severity="${severity}"}`;
    const inPool = `label_replace(${own}, "agentpool", "$1", "pool", "(.+)")`;
    return `max by (cluster, agentpool, node, alertname) (${inPool}) * 0 + ${index + 1}`;
  });
  return ranked.join("\nor\n");
}

/** Returns a table of the firing alerts of what matchers select. */
export function alertsTable(matchers: string, place: Place) {
  return table({
    ...place,
    title: "Firing alerts",
    description: "Alerts of monitoring/rules that fire now, the most severe first. docs/alerts.md says what to do.",
    queries: [firingAlerts(matchers)],
    columns: [
      { of: 0, title: "Severity", mappings: SEVERITIES_AS, width: 90 },
      { of: "alertname", title: "Alert" },
      { of: "cluster", title: "Cluster", width: 110 },
      { of: "agentpool", title: "Pool", width: 90 },
      { of: "node", title: "Node", width: 150 },
    ],
    sortBy: ["-Severity", "Alert"],
    empty: "No alert fires.",
  });
}
