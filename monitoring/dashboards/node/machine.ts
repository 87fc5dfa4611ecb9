import { alertsTable } from "../alerts.ts";
import { BY_HEIGHT, COLORS, thresholds, valuesAs } from "../look.ts";
import { differing, lines, numbers, states } from "../panels.ts";
import { maxBy, NODE, NODES, of, rate, sumBy, THIRD, VOLUMES } from "./queries.ts";

export const STATE = [
  states({
    title: "Services",
    description:
      "Whether the services that a node needs are running. Without csi-proxy volumes fail, without kubeproxy Services do, and the node can stay ready.",
    span: 10,
    height: 7,
    unit: "none",
    series: { [`{{name}} ${NODE}`]: maxBy(of("windows_service_state", 'state="running"'), "name") },
    mappings: valuesAs({
      "0": { text: "not running", color: COLORS.trouble },
      "1": { text: "running", color: COLORS.well },
    }),
    thresholds: thresholds(COLORS.trouble, [[1, COLORS.well]]),
    empty: "The collector service has no data.",
  }),
  alertsTable(NODES, { span: 9, height: 7 }),
  numbers({
    title: "Boot time",
    description: "When Windows started. A restart of the exporter moves it by some seconds.",
    span: 5,
    height: 7,
    unit: "dateTimeAsIso",
    series: { [NODE]: `1000 * ${maxBy(of("windows_system_boot_time_timestamp"))}` },
    thresholds: thresholds(COLORS.none, []),
    empty: "The collector system has no data.",
  }),
];

export const CPU = [
  lines({
    ...THIRD,
    title: "CPU by mode",
    description: "Share of the CPU time of all cores that each mode uses. Much dpc or interrupt points at a driver.",
    unit: "percentunit",
    max: 1,
    isStacked: true,
    series: {
      "{{mode}}": `avg by (mode) (${rate("windows_cpu_time_total", 'mode!="idle"')})`,
    },
    colors: differing("user", "privileged", "interrupt", "dpc"),
  }),
  lines({
    ...THIRD,
    title: "CPU",
    description: "Share of the CPU time in use.",
    unit: "percentunit",
    max: 1,
    color: BY_HEIGHT,
    series: { [NODE]: `1 - avg by (cluster, node) (${rate("windows_cpu_time_total", 'mode="idle"')})` },
  }),
  lines({
    ...THIRD,
    title: "Run queue per core",
    description: "Threads that wait for a core, for each core. More than 2 for long means that the CPU is too small.",
    unit: "short",
    series: {
      [NODE]: `${maxBy(of("windows_system_processor_queue_length"))} / ${maxBy(of("windows_cpu_logical_processor"))}`,
    },
  }),
];

export const MEMORY = [
  lines({
    ...THIRD,
    title: "Physical memory",
    description: "What is in use, and what the machine has.",
    unit: "bytes",
    series: {
      [`used ${NODE}`]: `${maxBy(of("windows_memory_physical_total_bytes"))} - ${maxBy(of("windows_memory_available_bytes"))}`,
      [`total ${NODE}`]: maxBy(of("windows_memory_physical_total_bytes")),
    },
  }),
  lines({
    ...THIRD,
    title: "Commit and its limit",
    description: "Committed memory. At the limit allocations fail: Windows has no OOM killer.",
    unit: "bytes",
    series: {
      [`committed ${NODE}`]: maxBy(of("windows_memory_committed_bytes")),
      [`limit ${NODE}`]: maxBy(of("windows_memory_commit_limit")),
    },
  }),
  lines({
    ...THIRD,
    title: "Paging",
    description: "Operations that read or write pages on disk to resolve hard page faults.",
    unit: "ops",
    series: {
      [`reads ${NODE}`]: sumBy(rate("windows_memory_swap_page_reads_total")),
      [`writes ${NODE}`]: sumBy(rate("windows_memory_swap_page_writes_total")),
    },
  }),
];

const latency = (kind: "read" | "write"): string =>
  `${sumBy(rate(`windows_logical_disk_${kind}_latency_seconds_total`, VOLUMES), "volume")}
/ (${sumBy(rate(`windows_logical_disk_${kind}s_total`, VOLUMES), "volume")} > 0)`;

export const DISK = [
  lines({
    ...THIRD,
    title: "Free space by volume",
    description:
      "The kubelet evicts pods when C: has less than 10 % free. The exporter reads it every 10 to 15 minutes.",
    unit: "bytes",
    series: { [`{{volume}} ${NODE}`]: maxBy(of("windows_logical_disk_free_bytes", VOLUMES), "volume") },
  }),
  lines({
    ...THIRD,
    title: "Read and write latency",
    description: "Mean time of a read and of a write, by volume.",
    unit: "s",
    series: { [`read {{volume}} ${NODE}`]: latency("read"), [`write {{volume}} ${NODE}`]: latency("write") },
  }),
  lines({
    ...THIRD,
    title: "Disk queue",
    description: "Requests that wait for a volume.",
    unit: "short",
    series: { [`{{volume}} ${NODE}`]: maxBy(of("windows_logical_disk_requests_queued", VOLUMES), "volume") },
  }),
];
