import { DASHBOARD_UIDS } from "../../../shared/report/dashboards.ts";

/** Columns that several tables have. */
export const CLUSTER = { of: "cluster", title: "Cluster", width: 110 } as const;
export const POOL = { of: "agentpool", title: "Pool", width: 90 } as const;
const NODE_LINK = {
  title: "Open the node",
  url: `/d/${DASHBOARD_UIDS.node}?var-datasource=\${datasource}&var-cluster=\${__data.fields.in}&var-node=\${__value.text}&\${__url_time_range}`,
};
export const NODE = { of: "node", title: "Node", width: 150 } as const;
export const LINKED_NODE = { ...NODE, link: NODE_LINK } as const;
/** The cluster for the link of a node. */
export const IN = { of: "in", title: "in", hidden: true } as const;
