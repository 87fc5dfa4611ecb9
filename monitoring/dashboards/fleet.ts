import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { DASHBOARD_UIDS } from "../../shared/report/dashboards.ts";
import { ALERTS, APP, CHANGES } from "./fleet/app.ts";
import { COUNTS, COVERAGE } from "./fleet/coverage.ts";
import { EVENTS, HEALTH, WORST_NODES } from "./fleet/nodes.ts";
import { frame } from "./frame.ts";
import { beside, buildWith } from "./layout.ts";

/** The dashboard of all Windows nodes of all clusters. */
export function fleetDashboard(): Dashboard {
  const builder = frame({
    uid: DASHBOARD_UIDS.fleet,
    title: "Windows fleet",
    description: "The Windows nodes of AKS clusters: which have no metrics and why, and which are the worst.",
    variables: {
      cluster: {
        label: "Cluster",
        query: 'label_values({__name__=~"node:windows_node_(expected:info|up:max)"}, cluster)',
        isAll: true,
      },
      agentpool: {
        label: "Pool",
        query: 'label_values(node:windows_node_up:max{cluster=~"$cluster"}, agentpool)',
        isAll: true,
      },
    },
  });
  return buildWith(builder, [
    [COUNTS, COVERAGE],
    [WORST_NODES],
    beside(ALERTS),
    beside(HEALTH),
    beside(APP),
    beside(CHANGES),
    beside(EVENTS),
  ]);
}
