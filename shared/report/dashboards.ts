import type { ClusterId } from "../model/ids.ts";
import { clusterLabels } from "./cluster-labels.ts";
import type { AppFacts } from "./remedy-context.ts";

/** The UIDs of the dashboards of `monitoring/dashboards`, which are the same in every Grafana. */
export const DASHBOARD_UIDS = { fleet: "aks-windows-fleet", node: "aks-windows-node" } as const;

/** Returns the URL of the dashboard about a cluster; undefined without the setting GRAFANA_URL. */
export function dashboardOf(cluster: ClusterId, { grafanaUrl, clusters }: AppFacts): string | undefined {
  if (grafanaUrl === undefined) return undefined;
  const dashboard = `${grafanaUrl}/d/${DASHBOARD_UIDS.fleet}`;
  // The series of a single cluster can be without the label.
  const label = clusters.length > 1 ? clusterLabels(clusters).get(cluster) : undefined;
  return label === undefined ? dashboard : `${dashboard}?${new URLSearchParams({ "var-cluster": label }).toString()}`;
}
