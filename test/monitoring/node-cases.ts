import { alertOn, exporter, kubeCreated, NODE, ONE, target, WELL, ZERO } from "./case-series.ts";
import type { RuleCase } from "./promtool.ts";

type Firing = RuleCase["firing"];
interface Values {
  readonly name: string;
  readonly series: RuleCase["series"];
  readonly firing: Firing;
}

const casesOf = (alert: string, ...cases: readonly Values[]): readonly RuleCase[] =>
  cases.map((each) => ({ ...each, alert, series: { ...WELL, ...each.series } }));

const EXHAUSTED = alertOn("WindowsNodeCommitExhausted");
const HIGH = alertOn("WindowsNodeCommitHigh");
const FULL = alertOn("WindowsNodeDiskAlmostFull", NODE, 'volume="C:"');
const FILLING = alertOn("WindowsNodeDiskFilling", NODE, 'volume="C:"');
const SKEW = alertOn("WindowsNodeClockSkew");
const RETRANSMITS = alertOn("WindowsTcpRetransmits");
const NIC = alertOn("WindowsNicErrors", NODE, 'nic="eth"');
const CPU = alertOn("WindowsNodeCpuHigh");
const RESTARTED = alertOn("WindowsNodeRestarted");

const service = (name: string, running: string) =>
  exporter("windows_service_state", running, { labels: `name="${name}",state="running"` });
const committed = (share: number) => ({
  ...exporter("windows_memory_committed_bytes", `${share * 1000}x600`),
  ...exporter("windows_memory_commit_limit", "1000x600"),
});
/** The free share of a volume over time, in percent of its size. */
const free = (values: string, { size = 100, volume = "C:" } = {}) => ({
  ...exporter("windows_logical_disk_free_bytes", values, { labels: `volume="${volume}"` }),
  ...exporter("windows_logical_disk_size_bytes", `${size}x1200`, { labels: `volume="${volume}"` }),
});
/** Segments per second. */
const segments = (sent: number, retransmitted: number) => ({
  ...exporter("windows_tcp_segments_sent_total", `9000+${sent * 60}x600`, { labels: 'af="ipv4"' }),
  ...exporter("windows_tcp_segments_retransmitted_total", `9000+${retransmitted * 60}x600`, { labels: 'af="ipv4"' }),
});
const nicErrors = (perSecond: number) => ({
  ...exporter("windows_net_packets_received_errors_total", `9000+${perSecond * 30}x600`, { labels: 'nic="eth"' }),
  ...exporter("windows_net_packets_outbound_errors_total", `9000+${perSecond * 30}x600`, { labels: 'nic="eth"' }),
});
const idle = (share: number) =>
  exporter("windows_cpu_time_total", `9000+${share * 60}x600`, { labels: 'core="0,0",mode="idle"' });
const clock = (aheadBy: number) => exporter("windows_time_current_timestamp_seconds", `${aheadBy}+60x600`);
const boot = (values: string) => exporter("windows_system_boot_time_timestamp", values);
const pod = 'namespace="shop",pod="cart-0",container="cart"';
const container = (commit: number, limit: number) => ({
  [`windows_container_memory_usage_commit_bytes{${target()},container_id="containerd://a",${pod}}`]: `${commit}x600`,
  [`kube_pod_container_resource_limits{job="kube-state-metrics",cluster="eu",${pod},resource="memory"}`]: `${limit}x600`,
});

export const NODE_CASES: readonly RuleCase[] = [
  ...casesOf(
    "WindowsServiceNotRunning",
    {
      name: "the kubelet does not run",
      series: service("Kubelet", ZERO),
      firing: { 4: [], 5: [alertOn("WindowsServiceNotRunning", NODE, 'name="Kubelet"')] },
    },
    {
      name: "every service runs",
      series: { ...service("Kubelet", ONE), ...service("csi-proxy", ONE) },
      firing: { 60: [] },
    },
    { name: "another service does not run", series: service("RdAgent", ZERO), firing: { 60: [] } },
  ),
  ...casesOf(
    "WindowsNodeCommitExhausted",
    { name: "97.5% committed", series: committed(0.975), firing: { 4: [], 5: [EXHAUSTED], 15: [EXHAUSTED, HIGH] } },
    { name: "96.5% committed", series: committed(0.965), firing: { 60: [HIGH] } },
  ),
  ...casesOf(
    "WindowsNodeCommitHigh",
    { name: "90.5% committed", series: committed(0.905), firing: { 14: [], 15: [HIGH] } },
    { name: "89.5% committed", series: committed(0.895), firing: { 60: [] } },
  ),
  ...casesOf(
    "WindowsNodeDiskAlmostFull",
    { name: "7.9% free", series: free("0.079x600", { size: 1 }), firing: { 14: [], 15: [FULL] } },
    { name: "8.1% free", series: free("8.1x600"), firing: { 60: [] } },
    { name: "another volume is full", series: free("1x600", { volume: "D:" }), firing: { 60: [] } },
  ),
  ...casesOf(
    "WindowsNodeDiskFilling",
    { name: "less than a day to go", series: free("24.9-0.0178x600"), firing: { 60: [], 61: [FILLING] } },
    { name: "more than a day to go", series: free("24.9-0.016585x600"), firing: { 62: [] } },
    { name: "falls fast, but a quarter is free", series: free("27-0.0295x600"), firing: { 110: [], 130: [FILLING] } },
    {
      name: "a pull of images for four hours",
      series: free("20x359 20-0.01333x252 20x60"),
      firing: { 611: [], 640: [] },
    },
    { name: "a leak after steady hours", series: free("24x359 24-0.025x300"), firing: { 560: [], 630: [FILLING] } },
    {
      name: "saw-tooth of image pulls and garbage collection",
      series: free(`20x359 ${"20-0.0417x119 ".repeat(2)}`),
      firing: Object.fromEntries([470, 479, 590, 599].map((minute) => [minute, []])),
    },
  ),
  ...casesOf(
    "WindowsNodeClockSkew",
    { name: "5.5 s ahead", series: clock(5.5), firing: { 9: [], 10: [SKEW] } },
    { name: "5.5 s behind", series: clock(-5.5), firing: { 9: [], 10: [SKEW] } },
    { name: "4.5 s ahead", series: clock(4.5), firing: { 60: [] } },
  ),
  ...casesOf(
    "WindowsTcpRetransmits",
    { name: "5.1% of 50.5 segments per second", series: segments(50.5, 2.58), firing: { 18: [], 19: [RETRANSMITS] } },
    { name: "4.9% retransmitted", series: segments(400, 19.6), firing: { 60: [] } },
    { name: "every second of 49.5 segments per second", series: segments(49.5, 25), firing: { 60: [] } },
  ),
  ...casesOf(
    "WindowsNicErrors",
    { name: "1.1 errors per second", series: nicErrors(1.1), firing: { 18: [], 19: [NIC] } },
    { name: "0.9 errors per second", series: nicErrors(0.9), firing: { 60: [] } },
  ),
  ...casesOf(
    "WindowsNodeCpuHigh",
    { name: "96% busy", series: idle(0.04), firing: { 60: [], 61: [CPU] } },
    { name: "94% busy", series: idle(0.06), firing: { 90: [] } },
  ),
  ...casesOf(
    "WindowsNodeRestarted",
    { name: "boot time moves by 61 s", series: boot("1000x29 1061x60"), firing: { 29: [], 30: [RESTARTED], 45: [] } },
    { name: "the exporter restarts: boot time moves by 60 s", series: boot("1000x29 1060x60"), firing: { 30: [] } },
    { name: "a new node", series: boot("_x30 1790000000x60"), firing: { 30: [], 44: [], 46: [] } },
    {
      name: "a new node with the name of an old one",
      series: { ...boot("1000x29 2800x60"), ...kubeCreated(30) },
      firing: { 30: [], 44: [], 46: [] },
    },
    {
      name: "a node restarts 15 minutes after it was created",
      series: { ...boot("1000x29 2800x60"), ...kubeCreated(15) },
      firing: { 30: [RESTARTED] },
    },
  ),
  ...casesOf(
    "WindowsContainerNearMemoryLimit",
    {
      name: "96% of the limit committed",
      series: container(0.96, 1),
      firing: { 14: [], 15: [`{alertname="WindowsContainerNearMemoryLimit",cluster="eu",${pod}}`] },
    },
    { name: "94% of the limit committed", series: container(0.94, 1), firing: { 60: [] } },
    { name: "no limit", series: container(0.96, 0), firing: { 60: [] } },
  ),
];
