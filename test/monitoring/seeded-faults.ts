import type { Labels } from "../simulators/exporter-labels.ts";

/** A fault of one node of the history: what its exporter or its target says instead, and what has to find it. */
export interface Fault {
  readonly cluster: string;
  readonly node: number;
  readonly metric: RegExp;
  /** The series of the metric that it changes; all if absent. */
  readonly labels?: Labels;
  /** Returns the other value at a minute of the history, undefined for no sample. */
  readonly value: (value: number, minute: number) => number | undefined;
  /** `ALERT labels`: the values of the alert's labels in the order of their names. */
  readonly finds: readonly string[];
}

const NOTHING = (): undefined => undefined;
const EVERYTHING = /./;

/** Node 1 of every cluster but `ap` is well, and node 9 of `eu` only looks broken. */
export const FAULTS: readonly Fault[] = [
  {
    cluster: "ap",
    node: 1,
    metric: EVERYTHING,
    value: NOTHING,
    finds: ["WindowsClusterNotScraped ap", "WindowsNodeNotScraped ap/akswin1000001"],
  },
  { cluster: "us", node: 2, metric: EVERYTHING, value: NOTHING, finds: ["WindowsNodeNotScraped us/akswin1000002"] },
  { cluster: "us", node: 3, metric: /^up$/, value: () => 0, finds: ["WindowsExporterDown us/akswin1000003"] },
  { cluster: "us", node: 3, metric: /^windows_/, value: NOTHING, finds: [] },
  {
    cluster: "eu",
    node: 2,
    metric: /^windows_exporter_collector_success$/,
    labels: { collector: "net" },
    value: () => 0,
    finds: ["WindowsExporterCollectorFailing eu/net/akswin1000002"],
  },
  {
    cluster: "eu",
    node: 3,
    metric: /^windows_service_state$/,
    labels: { name: "Kubelet", state: "running" },
    value: () => 0,
    finds: ["WindowsServiceNotRunning eu/Kubelet/akswin1000003"],
  },
  {
    cluster: "eu",
    node: 4,
    metric: /^windows_memory_committed_bytes$/,
    value: () => 18.6 * 1024 ** 3,
    finds: ["WindowsNodeCommitExhausted eu/akswin1000004", "WindowsNodeCommitHigh eu/akswin1000004"],
  },
  {
    cluster: "eu",
    node: 5,
    metric: /^windows_logical_disk_free_bytes$/,
    value: () => 8 * 1024 ** 3,
    finds: ["WindowsNodeDiskAlmostFull eu/akswin1000005/C:"],
  },
  {
    cluster: "eu",
    node: 6,
    metric: /^windows_logical_disk_free_bytes$/,
    value: (_, minute) => (31 - minute * 0.03) * 1024 ** 3,
    finds: ["WindowsNodeDiskFilling eu/akswin1000006/C:"],
  },
  {
    cluster: "eu",
    node: 7,
    metric: /^windows_time_current_timestamp_seconds$/,
    value: (value) => value + 9,
    finds: ["WindowsNodeClockSkew eu/akswin1000007"],
  },
  {
    cluster: "eu",
    node: 8,
    metric: /^windows_tcp_segments_retransmitted_total$/,
    value: (value) => value * 200,
    finds: ["WindowsTcpRetransmits eu/akswin1000008"],
  },
  {
    cluster: "us",
    node: 4,
    metric: /^windows_net_packets_received_errors_total$/,
    labels: { nic: "Microsoft Hyper-V Network Adapter" },
    value: (_, minute) => minute * 120,
    finds: ["WindowsNicErrors us/Microsoft Hyper-V Network Adapter/akswin1000004"],
  },
  {
    cluster: "us",
    node: 5,
    metric: /^windows_cpu_time_total$/,
    labels: { mode: "idle" },
    value: () => 1,
    finds: ["WindowsNodeCpuHigh us/akswin1000005"],
  },
  {
    cluster: "us",
    node: 6,
    metric: /^windows_system_boot_time_timestamp$/,
    value: (value, minute) => value + (minute < 120 ? 0 : 3600),
    finds: ["WindowsNodeRestarted us/akswin1000006"],
  },
  {
    cluster: "us",
    node: 7,
    metric: /^windows_container_memory_usage_commit_bytes$/,
    labels: { container: "cart" },
    value: () => 0.98 * 1024 ** 3,
    finds: ["WindowsContainerNearMemoryLimit us/cart/shop-7/cart-0"],
  },
  // A restart of the exporter, and the saw-tooth of image garbage collection after steady hours.
  {
    cluster: "eu",
    node: 9,
    metric: /^windows_system_boot_time_timestamp$/,
    value: (value, minute) => value + (minute < 120 ? 0 : 4),
    finds: [],
  },
  {
    cluster: "eu",
    node: 9,
    metric: /^windows_logical_disk_free_bytes$/,
    value: (_, minute) => (26 - (Math.max(0, minute - 240) % 120) * 0.05) * 1024 ** 3,
    finds: [],
  },
];
