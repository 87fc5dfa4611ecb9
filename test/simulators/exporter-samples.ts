import { isPresentState, type Labels, labelSetsOf } from "./exporter-labels.ts";
import { readExporterTable } from "./exporter-table.ts";

interface Series {
  readonly metric: string;
  readonly labels: Labels;
}

export interface ExporterSample extends Series {
  readonly value: number;
}

/** How the exporter of a machine differs from those of others. */
export interface Exporter {
  /** The version of windows_exporter; 0.31.8 by default. */
  readonly version?: string;
  /** When the machine started, in seconds since 1970. */
  readonly bootSeconds?: number;
  /** What its textfile collector adds, in the text format of Prometheus. */
  readonly textfile?: string;
}

const GIB = 1024 ** 3;
/** Seconds since 1970 at which a machine started by default. */
const BOOT_SECONDS = 1_760_000_000;

/** Gauges that rules and dashboards compare with each other, or that are constant. Every other gauge varies around 10. */
const GAUGES: Readonly<Record<string, number>> = {
  windows_container_memory_usage_commit_bytes: 0.2 * GIB,
  windows_container_memory_usage_private_working_set_bytes: 0.1 * GIB,
  windows_cpu_logical_processor: 2,
  windows_exporter_collector_duration_seconds: 0.02,
  windows_logical_disk_free_bytes: 70 * GIB,
  windows_memory_available_bytes: 9 * GIB,
  windows_memory_cache_bytes: 0.1 * GIB,
  windows_memory_committed_bytes: 7 * GIB,
  windows_memory_physical_free_bytes: 9 * GIB,
  windows_pagefile_free_bytes: 2 * GIB,
};
const CONSTANTS: Readonly<Record<string, number>> = {
  windows_container_available: 1,
  windows_exporter_collector_success: 1,
  windows_exporter_collector_timeout: 0,
  windows_logical_disk_readonly: 0,
  windows_logical_disk_size_bytes: 128 * GIB,
  windows_memory_commit_limit: 19 * GIB,
  windows_memory_physical_total_bytes: 16 * GIB,
  windows_pagefile_limit_bytes: 3 * GIB,
  windows_performancecounter_collector_success: 1,
};
/** Increase per second of counters. Every other counter increases by 10, and counters of failures do not. */
const RATES: Readonly<Record<string, number>> = {
  windows_container_cpu_usage_seconds_total: 0.2,
  windows_container_network_receive_bytes_total: 50_000,
  windows_container_network_transmit_bytes_total: 50_000,
  windows_tcp_segments_retransmitted_total: 0.2,
  windows_tcp_segments_sent_total: 400,
};
const CPU_SHARES: Readonly<Record<string, number>> = { idle: 0.7, user: 0.2, privileged: 0.08 };
const VERSION = "0.31.8";
const BUILD_INFO = "windows_exporter_build_info";
const FAILURES = /error|discarded|dropped|failure/;

const metrics = readExporterTable().map((metric) => {
  const all = labelSetsOf(metric).map((labels) => ({ metric: metric.name, labels }));
  return { ...metric, all, texts: all.map(seriesText) };
});

/**
 * Returns the samples that the exporter of a healthy machine answers at a time (seconds since 1970). Counters increase,
 * and gauges vary by at most a tenth, in a different phase on each machine. The same machine and time give the same.
 */
export function exporterSamples(
  machine: string,
  seconds: number,
  { version = VERSION, bootSeconds = BOOT_SECONDS }: Exporter = {},
): readonly ExporterSample[] {
  return metrics.flatMap(({ name, type, all }) => {
    const wave = Math.sin(seconds / 600 + phaseOf(`${machine} ${name}`));
    const valueOf = type === "counter" ? counterValue : gaugeValue;
    return all.map(({ metric, labels }) => ({
      metric,
      labels: metric === BUILD_INFO ? { ...labels, version } : labels,
      value: valueOf(name, labels, { seconds, bootSeconds, wave }),
    }));
  });
}

/** Returns what the exporter of a machine answers at a time, in the text format of Prometheus. */
export function exposition(machine: string, seconds: number, exporter: Exporter = {}): string {
  const { textfile = "", ...traits } = exporter;
  const samples = exporterSamples(machine, seconds, traits).values();
  const own = metrics.map(({ name, type, texts }) => {
    const lines = texts.map((text) => {
      const { value: sample } = samples.next();
      return `${name === BUILD_INFO && sample ? seriesText(sample) : text} ${sample?.value}\n`;
    });
    return `# TYPE ${name} ${type}\n${lines.join("")}`;
  });
  return own.join("") + textfile;
}

/** Returns name and labels as the text format has them. */
export function seriesText({ metric, labels }: Series): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? metric : `${metric}{${pairs.join(",")}}`;
}

interface At {
  readonly seconds: number;
  readonly bootSeconds: number;
  /** From -1 to 1. */
  readonly wave: number;
}

/** The wave is slower than the rise, so that the value never falls. */
function counterValue(name: string, { mode }: Labels, { seconds, bootSeconds, wave }: At): number {
  if (FAILURES.test(name)) return 0;
  const rate = name === "windows_cpu_time_total" ? (CPU_SHARES[mode ?? ""] ?? 0.01) : (RATES[name] ?? 10);
  return rate * (seconds - bootSeconds + 100 * (1 + wave));
}

function gaugeValue(name: string, labels: Labels, { seconds, bootSeconds, wave }: At): number {
  if (!isPresentState(name, labels)) return 0;
  if (name === "windows_system_boot_time_timestamp") return bootSeconds;
  if (name === "windows_time_current_timestamp_seconds") return seconds;
  const constant = CONSTANTS[name] ?? (isOne(name, labels) ? 1 : undefined);
  return constant ?? (GAUGES[name] ?? 10) * (1 + wave / 10);
}

function isOne(name: string, labels: Labels): boolean {
  return name.endsWith("_info") || "state" in labels || "status" in labels || "start_mode" in labels;
}

/** Returns an angle that is the same for the same text. */
function phaseOf(text: string): number {
  const sum = Buffer.from(text).reduce((found, each) => (Math.imul(found, 31) + each) | 0, 7);
  return Math.abs(sum % 628) / 100;
}
