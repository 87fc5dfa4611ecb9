import { verdictState } from "../../../shared/model/verdict.ts";
import { type Level, levelOf } from "../../../shared/report/levels.ts";
import { firingAlerts } from "../alerts.ts";

/** What the variables select, of series of nodes and of the app. */
export const NODES = 'cluster=~"$cluster",agentpool=~"$agentpool"';
export const POOLS = 'cluster=~"$cluster",pool=~"$agentpool"';
export const SCRAPED = `job="windows-exporter",${NODES}`;

/** The services of WindowsServiceNotRunning. */
const SERVICES = "(?i)(kubelet|containerd|kubeproxy|csi-proxy|hosts-config-agent)";

/** The name of a Windows node is `aks`, its pool, and six characters. */
const poolFromNode = (expr: string): string => `label_replace(${expr}, "agentpool", "$1", "node", "aks(.+).{6}")`;
const EXPECTED = 'node:windows_node_expected:info{cluster=~"$cluster",node=~"aks($agentpool).{6}"}';
const UP = `node:windows_node_up:max{${NODES}}`;
const READY = 'kube_node_status_condition{job="kube-state-metrics",condition="Ready",status="true"}';

/** Every Windows node that is scraped or should be: 1 if it is, else 0. */
export const EVERY_NODE = `${UP} or on (cluster, node) ${poolFromNode(`${EXPECTED} * 0`)}`;

/** Within a day, which bounds the work of a long time range: the last time at which a node was scraped; else the first one at which it was not, or should have been. */
const LAST_SCRAPED = `(
  max_over_time(timestamp(${UP} == 1)[1d:5m])
  or on (cluster, node)
  min_over_time(timestamp(${UP})[1d:5m])
  or on (cluster, node)
  ${poolFromNode(`min_over_time(timestamp(${EXPECTED})[1d:5m])`)}
)`;

const NO_ANSWER = `${UP} == 0 unless on (cluster, node) max by (cluster, node) (${READY}) == 0`;
const NO_TARGET = `${EXPECTED} unless on (cluster, node) ${UP}`;

const labeled = (expr: string, label: string, value: string): string =>
  `label_replace(${expr}, "${label}", "${value}", "", "")`;
const unexplained = (nodes: string, state: string): string =>
  labeled(labeled(`${LAST_SCRAPED} and on (cluster, node) (${nodes})`, "state", state), "heals_itself", "not-known");

/**
 * The nodes without metrics, with the time since which they have none, in milliseconds: with the reason that the app
 * tells, then those of which the app knows nothing.
 */
export const WITHOUT_METRICS = `1000 * (
  (
    max by (cluster, agentpool, node, state, reason, heals_itself) (
      aks_windows_metrics_node_without_metrics_since_timestamp_seconds{${NODES}}
    )
    unless on (cluster, node) ${UP} == 1
  )
  or on (cluster, node) ${unexplained(NO_ANSWER, "no-answer")}
  or on (cluster, node) ${unexplained(NO_TARGET, "no-target")}
)`;

/** Adds the label `in`: the cluster as a value of the variable, also where series have no label for it. */
export function inCluster(expr: string): string {
  return `label_replace(${labeled(expr, "in", ".*")}, "in", "$1", "cluster", "(.+)")`;
}

/** The rank of the most severe alert of each node that fires. */
export const WORST_ALERT = `(${EVERY_NODE}) * 0 + on (cluster, node) group_left () max by (cluster, node) (
${firingAlerts(NODES)}
)`;

export const CPU = `node:windows_node_cpu_utilisation:ratio_rate5m{${NODES}}`;
export const COMMIT = `node:windows_node_commit_utilisation:ratio{${NODES}}`;
const DISK_FREE = `node_volume:windows_logical_disk_free:ratio{volume="C:",${NODES}}`;
export const DISK_USED = `1 - max by (cluster, agentpool, node) (${DISK_FREE})`;

/** The highest of the shares of a node that are in use. */
export const WORST_USE = `max by (cluster, agentpool, node) (
  ${labeled(CPU, "of", "cpu")}
  or ${labeled(COMMIT, "of", "commit")}
  or ${labeled(DISK_USED, "of", "disk")}
)`;

/** The series with the highest values of the whole time range, in all of it. At each step, `topk` alone takes others. */
export function tenWorst(expr: string): string {
  return `${expr} and on (cluster, node) topk(10, max_over_time(${expr}[$__range] @ end()))`;
}

/** The same for the volume C:, of which the free share is recorded. */
export const TEN_FULLEST = `${DISK_USED} and on (cluster, node) bottomk(10, min_over_time(${DISK_FREE}[$__range] @ end()))`;

/** The nodes that restarted within a day, with the time of it in milliseconds. Restarts of the exporter move it too. */
const BOOT = `windows_system_boot_time_timestamp{${SCRAPED}}`;
export const RESTARTED = `1000 * max by (cluster, agentpool, node) (${BOOT})
and on (cluster, node)
max_over_time((${BOOT} - ${BOOT} offset 15m > 60)[1d:5m])`;

const LEVELS: readonly Level[] = ["well", "working", "waiting", "trouble"];

/** The level of each pool's scale sets, from 0 (well) to 3 (trouble). */
export const POOL_LEVELS = `max by (cluster, pool) (
${LEVELS.map((level, index) => {
  const own = verdictState.options.filter((state) => levelOf(state) === level).join("|");
  return `  (aks_windows_metrics_scale_sets{${POOLS},state=~"${own}"} > 0) * 0 + ${index}`;
}).join("\n  or\n")}
)`;

const PACKAGES = `count by (cluster, agentpool, version, package) (
  windows_exporter_build_info{${SCRAPED}}
  * on (cluster, node) group_left (package)
  max by (cluster, node, package) (aks_windows_metrics_package_info{${SCRAPED}})
)`;
const DESIRED = "max by (package) (aks_windows_metrics_desired_package_info)";

/** The number of nodes by version and package, with whether the package is the desired one. */
export const VERSIONS = `${labeled(`${PACKAGES} and on (package) ${DESIRED}`, "desired", "yes")}
or
${labeled(`${PACKAGES} unless on (package) ${DESIRED} and on () count(${DESIRED}) > 0`, "desired", "no")}
or
(${PACKAGES} unless on () count(${DESIRED}) > 0)
or
count by (cluster, agentpool, version) (
  windows_exporter_build_info{${SCRAPED}} unless on (cluster, node) aks_windows_metrics_package_info{${SCRAPED}}
)`;

export const TCP_RETRANSMITTED = `node:windows_tcp_retransmitted:ratio_rate5m{${NODES}}`;

/** How many services that a node needs do not run on it. */
export const SERVICES_DOWN = `sum by (cluster, agentpool, node) (
  windows_service_state{${SCRAPED},state="running",name=~"${SERVICES}"} == bool 0
)`;

const CLOCK = `windows_time_current_timestamp_seconds{${SCRAPED}}`;

/** By how many seconds the clocks of nodes and Prometheus differ. */
export const CLOCK_OFF = `max by (cluster, agentpool, node) (abs(${CLOCK} - timestamp(${CLOCK})))`;
