import Counter from "prom-client/lib/counter.js";
import Gauge from "prom-client/lib/gauge.js";
import Registry from "prom-client/lib/registry.js";
import { METRICS, METRICS_PREFIX, type MetricName } from "./metrics-table.ts";
import type { Sample } from "./samples.ts";

/** The content type of the answer. */
export const METRICS_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** A sample with its label `cluster`; undefined for one that is about the app, or of the only cluster asked for. */
export interface LabeledSample extends Sample {
  readonly cluster: string | undefined;
}

/** Returns the samples in the text format of Prometheus 0.0.4. */
export function metricsText(samples: readonly LabeledSample[]): Promise<string> {
  const registry = new Registry();
  for (const [metric, own] of Map.groupBy(samples, (each) => each.metric)) addMetric(registry, metric, own);
  return registry.metrics();
}

function addMetric(registry: Registry, metric: MetricName, samples: readonly LabeledSample[]): void {
  const { type, help, labels } = METRICS[metric];
  const hasCluster = samples.some(({ cluster }) => cluster !== undefined);
  const labelNames = hasCluster ? ["cluster", ...labels] : [...labels];
  const options = { name: `${METRICS_PREFIX}${metric}`, help, labelNames, registers: [registry] };
  const labelsOf = ({ cluster, labels: own }: LabeledSample) => ({ ...(cluster !== undefined && { cluster }), ...own });
  if (type === "counter") {
    const counter = new Counter(options);
    for (const each of samples) counter.inc(labelsOf(each), each.value);
  } else {
    const gauge = new Gauge(options);
    for (const each of samples) gauge.set(labelsOf(each), each.value);
  }
}
