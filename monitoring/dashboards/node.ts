import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { DASHBOARD_UIDS } from "../../shared/report/dashboards.ts";
import { frame } from "./frame.ts";
import { beside, buildWith } from "./layout.ts";
import { CPU, DISK, MEMORY, STATE } from "./node/machine.ts";
import { CONTAINERS, EXPORTER, NETWORK } from "./node/traffic.ts";

/** The dashboard of a few Windows nodes in detail. */
export function nodeDashboard(): Dashboard {
  const builder = frame({
    uid: DASHBOARD_UIDS.node,
    title: "Windows node",
    description: "Windows nodes in detail: services, CPU, memory, disk, network, containers and the exporter itself.",
    variables: {
      cluster: {
        label: "Cluster",
        query: "label_values(node:windows_node_up:max, cluster)",
        isAll: true,
      },
      agentpool: {
        label: "Pool",
        query: 'label_values(node:windows_node_up:max{cluster=~"$cluster"}, agentpool)',
        isAll: true,
      },
      node: {
        label: "Node",
        query: 'label_values(node:windows_node_up:max{cluster=~"$cluster",agentpool=~"$agentpool"}, node)',
        isAll: false,
      },
    },
  });
  const rows = [STATE, CPU, MEMORY, DISK, NETWORK, CONTAINERS, EXPORTER];
  return buildWith(builder, rows.map(beside));
}
