import type { Labels } from "../../simulators/exporter-labels.ts";
import { seriesText } from "../../simulators/exporter-samples.ts";
import type { Target } from "./discovery.ts";
import type { Minute, Samples } from "./scrapes.ts";

const APP = { job: "aks-windows-metrics", instance: "app" };

/**
 * Returns the series that Prometheus has after these minutes, in promtool's notation of values: one each minute, with the
 * marker `stale` where a series ends.
 */
export function seriesOf(
  minutes: readonly Minute[],
  targetsOf: (minute: Minute) => readonly Target[],
): Readonly<Record<string, string>> {
  const values = new Map<string, string[]>();
  minutes.forEach((minute, index) => {
    for (const [series, value] of scraped(minute, targetsOf(minute))) {
      const own = values.get(series) ?? [];
      values.set(series, own);
      endAt(own, index);
      own.push(String(value));
    }
  });
  for (const own of values.values()) endAt(own, minutes.length);
  return Object.fromEntries([...values].map(([series, own]) => [series, own.join(" ")]));
}

/** Fills up the minutes before one; `_` is no sample. */
function endAt(values: string[], index: number): void {
  if (values.length > 0 && values.length < index) values.push("stale");
  while (values.length < index) values.push("_");
}

type Sample = readonly [series: string, value: number];

function scraped({ app, exporters, kubeState }: Minute, targets: readonly Target[]): readonly Sample[] {
  const found = targets.flatMap(({ address, labels }) => scrape(labels, exporters.get(address)));
  return [...kubeState, ...scrape(APP, app), ...found];
}

/** Returns what Prometheus stores of a target. */
function scrape(labels: Labels, answer: Samples | undefined): readonly Sample[] {
  const target = seriesText({ metric: "", labels });
  const own = [...(answer ?? [])].map(([series, value]): Sample => [withLabels(series, target), value]);
  return [[`up${target}`, answer ? 1 : 0], ...own];
}

/** `a{b="c"}` with `{d="e"}` is `a{d="e",b="c"}`. */
function withLabels(series: string, target: string): string {
  const start = series.indexOf("{");
  return start < 0 ? series + target : `${series.slice(0, start)}${target.slice(0, -1)},${series.slice(start + 1)}`;
}
