import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Prometheus, type Range, runPrometheus } from "../real/prometheus.ts";
import { type ExporterSample, seriesText } from "../simulators/exporter-samples.ts";
import { promtool } from "./promtool.ts";

/** A Prometheus that looks back at hours that never were. */
export interface History {
  readonly prometheus: Prometheus;
  close(): Promise<void>;
}

export interface HistoryOptions {
  readonly folder: string;
  readonly range: Range;
  /** Returns what was scraped at a time, in seconds since 1970. */
  readonly samplesAt: (seconds: number) => readonly ExporterSample[];
  /** Rule files whose recordings are added in this order; a later one can read those before it. */
  readonly recordings?: readonly string[];
  readonly config?: object;
}

/** Writes the samples of a time range as blocks, adds the recordings, and starts Prometheus on them. */
export async function openHistory(options: HistoryOptions): Promise<History> {
  const { folder, range, recordings = [], config = {} } = options;
  const home = await mkdtemp(path.join(tmpdir(), "history-"));
  const discard = (): Promise<void> => rm(home, { recursive: true, force: true });
  try {
    await writeFile(path.join(home, "samples.txt"), openMetrics(options));
    await run("tsdb", "create-blocks-from", "openmetrics", path.join(home, "samples.txt"), path.join(home, "data"));
    for (const file of recordings) {
      const reader = await runPrometheus({ folder, home, config: {} });
      await run(...recordingArguments(file, { home, range, url: reader.url })).finally(() => reader.close());
    }
    const prometheus = await runPrometheus({ folder, home, config });
    return { prometheus, close: () => prometheus.close().then(discard) };
  } catch (error) {
    await discard();
    throw error;
  }
}

function recordingArguments(
  file: string,
  { home, range, url }: { readonly home: string; readonly range: Range; readonly url: string },
): readonly string[] {
  const times = [`--start=${range.start}`, `--end=${range.end}`, `--eval-interval=${range.step}s`];
  return ["tsdb", "create-blocks-from", "rules", `--url=${url}`, ...times, `--output-dir=${home}/data`, file];
}

function openMetrics({ range, samplesAt }: HistoryOptions): string {
  const lines: string[] = [];
  for (let time = range.start; time <= range.end; time += range.step) {
    for (const each of samplesAt(time)) lines.push(`${seriesText(each)} ${each.value} ${time}\n`);
  }
  return `${lines.join("")}# EOF\n`;
}

async function run(...args: readonly string[]): Promise<void> {
  const { isSuccess, output } = await promtool(...args);
  if (!isSuccess) throw new Error(`promtool ${args.slice(0, 3).join(" ")}: ${output}`);
}
