import type { ExporterMetric } from "./exporter-table.ts";

export type Labels = Readonly<Record<string, string>>;

/** The values of a label. The first value of a state is the one that a healthy node is in. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  af: ["ipv4", "ipv6"],
  collector: ["container", "cpu", "cpu_info", "logical_disk", "memory", "net", "os", "service", "system", "tcp"],
  core: ["0,0", "0,1"],
  device_id: ["CPU0"],
  disk: ["0"],
  file: [String.raw`C:\pagefile.sys`],
  name: ["containerd", "csi-proxy", "hosts-config-agent", "kubeproxy", "Kubelet", "windows_exporter"],
  nic: ["Microsoft Hyper-V Network Adapter", "vEthernet (Ethernet)"],
  process: ["Idle", "kubelet"],
  start_mode: ["auto", "boot", "disabled", "manual", "system"],
  task: [String.raw`\Microsoft\Windows\Defrag\ScheduledDefrag`],
  type: ["NTP"],
  version: ["0.31.8"],
  volume: ["C:"],
  hostprocess: ["false"],
};

/** The values of labels whose meaning depends on the metric. */
const VALUES_OF_METRIC: Readonly<Record<string, readonly string[]>> = {
  "windows_cpu_cstate_seconds_total state": ["c1", "c2", "c3"],
  "windows_cpu_time_total mode": ["dpc", "idle", "interrupt", "privileged", "user"],
  "windows_logical_disk_bitlocker_status status": ["disabled", "on", "off"],
  "windows_net_nic_operation_status status": ["up", "down", "dormant", "testing"],
  "windows_process_cpu_time_total mode": ["privileged", "user"],
  "windows_process_pool_bytes pool": ["nonpaged", "paged"],
  "windows_scheduled_task_state state": ["ready", "disabled", "queued", "running", "unknown"],
  "windows_service_state state": ["running", "start pending", "stop pending", "stopped", "paused"],
  "windows_tcp_connections_state_count state": ["ESTABLISHED", "LISTENING", "TIME_WAIT"],
};

/** Containers of two pods. The containers of one pod share its network endpoint, which is reported for each of them. */
const CONTAINERS = [
  { container_id: "containerd://a1", namespace: "shop", pod: "cart-0", container: "cart", interface: "hns-a" },
  { container_id: "containerd://a2", namespace: "shop", pod: "cart-0", container: "proxy", interface: "hns-a" },
  { container_id: "containerd://b1", namespace: "shop", pod: "stock-0", container: "stock", interface: "hns-b" },
];
const CONTAINER_LABELS = ["container_id", "namespace", "pod", "container", "interface"];

/** Returns the label sets of a metric, one per series. A label whose values do not matter here has the value `x`. */
export function labelSetsOf({ name, labels }: ExporterMetric): readonly Labels[] {
  const isOfContainer = labels.includes("container_id");
  const sets: readonly Labels[] = isOfContainer ? CONTAINERS.map((each) => pick(each, labels)) : [{}];
  const others = labels.filter((label) => !isOfContainer || !CONTAINER_LABELS.includes(label));
  return others.reduce((found, label) => {
    const values = VALUES_OF_METRIC[`${name} ${label}`] ?? VALUES[label] ?? ["x"];
    return found.flatMap((each) => values.map((value) => ({ ...each, [label]: value })));
  }, sets);
}

/** Returns whether a series of a metric with one series per state is the one of the present state. */
export function isPresentState(name: string, labels: Labels): boolean {
  return ["state", "status", "start_mode"].every((label) => {
    const values = VALUES_OF_METRIC[`${name} ${label}`] ?? VALUES[label];
    return labels[label] === undefined || labels[label] === values?.[0];
  });
}

function pick(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => names.includes(name)));
}
