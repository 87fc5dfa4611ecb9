import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { fleetDashboard } from "./fleet.ts";
import { nodeDashboard } from "./node.ts";

/** The dashboards by the path of their file, as `npm run pages` writes them. */
export const DASHBOARD_FILES: Readonly<Record<string, () => string>> = {
  "monitoring/dashboards/fleet.json": () => textOf(fleetDashboard()),
  "monitoring/dashboards/node.json": () => textOf(nodeDashboard()),
};

function textOf(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
