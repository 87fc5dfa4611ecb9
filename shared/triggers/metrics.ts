import packageJson from "../../package.json" with { type: "json" };
import type { Dependencies } from "../dependencies.ts";
import { clusterLabels } from "../report/cluster-labels.ts";
import type { LabeledSample } from "../report/metrics-text.ts";
import { clusterSamples } from "../report/samples.ts";
import { readStored } from "./stored.ts";

/** The metrics as text, or why there are none. */
export type MetricsAnswer = { readonly text: string; readonly contentType: string } | { readonly unknown: string };

/**
 * Returns the app's metrics from what the passes stored; observes nothing. With the name of one cluster, as the label
 * `cluster` has it, the series of that cluster alone and without the label, for a Prometheus in that cluster.
 */
export async function readMetrics(deps: Dependencies, only: string | undefined): Promise<MetricsAnswer> {
  const labels = clusterLabels(deps.config.AKS_CLUSTER_IDS);
  const clusters = [...labels].filter(([, label]) => only === undefined || label === only).map(([id]) => id);
  if (clusters.length === 0) {
    return { unknown: `found no cluster '${only}', expected one of: ${[...labels.values()].join(", ")}` };
  }
  const stored = await readStored(deps, clusters);
  const labelsOfApp = { version: packageJson.version, mode: deps.config.MODE };
  const info: LabeledSample = { metric: "build_info", labels: labelsOfApp, value: 1, cluster: undefined };
  const samples = stored.flatMap((each) => {
    const cluster = only === undefined ? labels.get(each.cluster) : undefined;
    return clusterSamples(each, deps.now()).map((sample): LabeledSample => ({ ...sample, cluster }));
  });
  const { METRICS_CONTENT_TYPE, metricsText } = await import("../report/metrics-text.ts");
  return { text: await metricsText([info, ...samples]), contentType: METRICS_CONTENT_TYPE };
}
