import { expect } from "vitest";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../contracts/cluster-admin.ts";
import { kubectl, type Reached, runCommand } from "./kubectl.ts";
import type { Operator } from "./operator-config.ts";
import { commandWith, folderOf, type Overlay, plainScrapeConfig, readmeOf, type ScrapeConfig } from "./overlays.ts";

const README = readmeOf("prometheus-operator");
const PATIENCE = { timeout: 30_000, interval: 250 };

/**
 * Returns the jobs of all overlays, with either role where they have a choice. They are two configurations, because a
 * name can be only once in one. The operator has to run, and its overlay to be applied.
 */
export async function renderJobs(kube: Reached, operator: Operator): Promise<readonly (readonly ScrapeConfig[])[]> {
  await expect.poll(() => operator.scrapeConfigs(), PATIENCE).toEqual([]);
  runCommand(kube, commandWith(README, "kubectl label", { RELEASE: "stack" }));
  const byDefault = await rendered(operator, { "windows-exporter": "endpoints" });

  runCommand(kube, commandWith(README, "serviceDiscoveryRole"));
  applyAzureMonitor(kube);
  // Applying the overlay again keeps the label and the role.
  runCommand(kube, commandWith(README, "kubectl apply"));
  const bySlices = await rendered(operator, { azure: "endpointslice", "windows-exporter": "endpointslice" });
  return [
    [...byDefault, plainScrapeConfig("endpoints")],
    [...bySlices, plainScrapeConfig("endpointslice")],
  ];
}

/** Applies Azure's ServiceMonitor for the operator: the add-on makes its configuration by the same code, for slices. */
function applyAzureMonitor(kube: Reached): void {
  const monitor = monitorOf(kube, "azure-managed-prometheus");
  const metadata = { ...monitor.metadata, name: "azure", labels: { release: "stack" } };
  const spec = { ...Object(monitor["spec"]), serviceDiscoveryRole: "EndpointSlice" };
  const translated = { ...monitor, apiVersion: "monitoring.coreos.com/v1", metadata, spec };
  kubectl(kube, ["apply", "--filename", "-"], JSON.stringify(translated));
}

/** Waits until the operator has rendered exactly these ServiceMonitors, with these roles, and returns their jobs. */
async function rendered(operator: Operator, roles: Readonly<Record<string, string>>): Promise<readonly ScrapeConfig[]> {
  const expected = Object.entries(roles).map(([monitor, role]) => [`serviceMonitor/monitoring/${monitor}/0`, role]);
  const found = () =>
    operator.scrapeConfigs()?.map(({ job_name, kubernetes_sd_configs: [sd] }) => [job_name, sd?.role]);
  await expect.poll(found, PATIENCE).toEqual(expected);
  return operator.scrapeConfigs() ?? [];
}

/** Returns the overlay of a job of `renderJobs`. */
export function overlayOf(job: string): Overlay {
  if (job.includes("/azure/")) return "azure-managed-prometheus";
  return job.startsWith("serviceMonitor/") ? "prometheus-operator" : "plain-prometheus";
}

/** Returns the ServiceMonitor of an overlay, as kubectl renders it. */
export function monitorOf(kube: Reached, overlay: Overlay): KubeObject {
  const all = parseAllDocuments(kubectl(kube, ["kustomize", folderOf(overlay)]));
  const found = all.map((each) => each.toJS() as KubeObject).find(({ kind }) => kind === "ServiceMonitor");
  if (!found) throw new Error(`${overlay} has no ServiceMonitor`);
  return found;
}
