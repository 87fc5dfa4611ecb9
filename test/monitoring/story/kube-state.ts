import type { KubeObject } from "../../contracts/cluster-admin.ts";
import type { Samples } from "./scrapes.ts";

interface NodeStatus {
  readonly nodeInfo?: { readonly osImage?: string };
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

/** Returns what kube-state-metrics says of nodes, in the series that rules read. */
export function kubeStateSamples(nodes: readonly KubeObject[]): Samples {
  const samples = new Map<string, number>();
  for (const { metadata, status } of nodes) {
    const { nodeInfo, conditions = [] } = status as NodeStatus;
    const node = `job="kube-state-metrics",node="${metadata.name}"`;
    samples.set(`kube_node_info{${node},os_image="${nodeInfo?.osImage ?? ""}"}`, 1);
    samples.set(`kube_node_created{${node}}`, Date.parse(metadata.creationTimestamp ?? "") / 1000);
    for (const { type, status: found } of conditions) {
      for (const state of ["true", "false", "unknown"]) {
        const labels = `${node},condition="${type}",status="${state}"`;
        samples.set(`kube_node_status_condition{${labels}}`, state === found.toLowerCase() ? 1 : 0);
      }
    }
  }
  return samples;
}
