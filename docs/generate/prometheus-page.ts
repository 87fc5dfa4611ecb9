import { readFileSync } from "node:fs";
import { markdownTable } from "./markdown-table.ts";

const FOLDER = "infra/kubernetes";

/** Returns the text of docs/prometheus.md. Its configurations are the files that people apply. */
export function prometheusPage(): string {
  return `${[
    INTRODUCTION,
    ...markdownTable(["overlay", "for", "what it adds to `base`"], OVERLAYS),
    ONE_OVERLAY,
    LABELS,
    "## prometheus-operator\n",
    ...included("service-monitor/service-monitor.yaml"),
    OPERATOR,
    "## Azure Managed Prometheus\n",
    ...included("overlays/azure-managed-prometheus/kustomization.yaml"),
    AZURE,
    "## Prometheus without an operator\n",
    ...included("overlays/plain-prometheus/scrape-config.yaml"),
    PLAIN,
    "## Permissions of Prometheus\n",
    ...included("discovery/role.yaml"),
    PERMISSIONS,
  ].join("\n")}\n`;
}

/** Returns a file of infra/kubernetes as a code block, with its path as link. */
function included(file: string): readonly string[] {
  const text = readFileSync(new URL(`../../${FOLDER}/${file}`, import.meta.url), "utf8").replaceAll("\r\n", "\n");
  return [`[\`${FOLDER}/${file}\`](../${FOLDER}/${file}):`, "", "```yaml", text.trimEnd(), "```", ""];
}

const readme = (overlay: string): string => `[${overlay}](../${FOLDER}/overlays/${overlay}/README.md)`;

const OVERLAYS: readonly (readonly string[])[] = [
  [readme("prometheus-operator"), "prometheus-operator, kube-prometheus-stack", "a ServiceMonitor, a Role"],
  [
    readme("azure-managed-prometheus"),
    "the metrics add-on of Azure Monitor",
    "a ServiceMonitor in the add-on's API group",
  ],
  [readme("plain-prometheus"), "any other Prometheus", "a Role, and a scrape configuration to load"],
];

const INTRODUCTION = `# How Prometheus discovers the nodes

\`npm run pages\` generates this page, with the files of \`infra/kubernetes\`. Do not edit it by hand.

The app publishes each Windows node as an endpoint of the Service \`windows-exporter\` in the namespace \`monitoring\`
(\`SCRAPE_NAMESPACE\`). The Service is headless and has no selector. Its port is named \`metrics\`.

| object | contents |
| --- | --- |
| EndpointSlices \`windows-exporter-0\` to \`windows-exporter-63\` | up to 100 addresses each, one port each, with node name, zone and \`ready\` |
| Endpoints \`windows-exporter\` | the same addresses, one subset per port; not with \`SCRAPE_OBJECTS=slices\` |

The Endpoints object has the label \`endpointslice.kubernetes.io/skip-mirror: "true"\`, so that Kubernetes does not create
a second set of slices from it.

## Apply an overlay

Each overlay in \`infra/kubernetes/overlays\` is the Service and the app's roles of \`infra/kubernetes/base\`, with what one
kind of Prometheus needs. Its README says how to apply it, and what to switch off:
`;

const ONE_OVERLAY = `
With \`--prometheus OVERLAY\`, \`infra/operate/apply-manifests.sh\` applies an overlay instead of \`base\`, in any namespace,
to any number of clusters. Later runs without the option keep the overlay that a cluster has.

**One overlay is active in a cluster: the last one applied.** Each writes its name into the annotation
\`aks-windows-metrics/prometheus\` of the Service, and each configuration drops the targets of a Service that names another
overlay. To let several scrape the nodes, for example while you move from one Prometheus to another, remove the
annotation:

\`\`\`sh
kubectl annotate service windows-exporter --namespace monitoring aks-windows-metrics/prometheus-
\`\`\`

Within one Prometheus, **use one role**: \`endpointslice\` or \`endpoints\`. With both, each node is scraped twice. So it is
with a second exporter under the same job, or with the target \`windowsexporter\` of Azure Managed Prometheus: sums are
then wrong, and the rules of kubernetes-mixin about pods fail.

## Ready

\`ready\` means that an exporter was proven on the node once: the extension succeeded on its machine after its Node object
was created. The app never revokes it during the lifetime of that Node object. It does not reflect the node's own
condition, because you need the metrics of a node with problems. Nodes of pools whose exporter is not installed by this
app (\`SCRAPE_SOURCES\`: \`native\`, \`external\`) are always ready.

Prometheus also scrapes addresses that are not ready. The configurations below drop them, so that a new node is not a
failed target while its exporter is being installed.
`;

const LABELS = `## Labels

Rules and dashboards can rely on these target labels, with every overlay and both roles:

| label | value |
| --- | --- |
| \`job\` | \`windows-exporter\` |
| \`instance\`, \`node\` | the name of the node |
| \`agentpool\` | the node pool, derived from the node name: \`aks\`, the pool, six characters |
| \`cluster\` | the annotation \`aks-windows-metrics/cluster\` of the Service; no label without it |

\`namespace\`, \`service\`, \`endpoint\`, \`pod\` and \`container\` are not target labels. The exporter has labels with some of
these names, which Prometheus would otherwise rename to \`exported_…\`.

Annotate the Service if one Prometheus scrapes several clusters. The label then has to be on the series of
kube-state-metrics and of the app too: nodes of different clusters can have the same name, and Prometheus's own queries
and rules do not see external labels. Do not annotate it where each cluster has its own Prometheus: there an external
label is enough. The metrics add-on of Azure sets \`cluster\` itself.

\`\`\`sh
kubectl annotate service windows-exporter --namespace monitoring --overwrite 'aks-windows-metrics/cluster=CLUSTER'
\`\`\`
`;

const OPERATOR = `The \`serviceMonitorSelector\` of your Prometheus object must select this ServiceMonitor; in kube-prometheus-stack it
requires the label \`release\`. \`job\` is taken from the name of the Service. It reads Endpoints by default; from
prometheus-operator 0.86 on it has \`serviceDiscoveryRole\`, and the relabelings are the same for both roles.
[The README](../${FOLDER}/overlays/prometheus-operator/README.md) has a command for each.
`;

const AZURE = `This is the ServiceMonitor above, in another API group and with the three limits that the add-on requires. Do not set
\`serviceDiscoveryRole\`: the API rejects it, and the add-on always reads EndpointSlices. Leave the default target
\`windowsexporter\` off: [the README](../${FOLDER}/overlays/azure-managed-prometheus/README.md) says how to check it.
`;

const PLAIN = `The file can be named in \`scrape_config_files\`. [The README](../${FOLDER}/overlays/plain-prometheus/README.md) says what
to change for another namespace, and for several clusters.
`;

const PERMISSIONS = `The overlays prometheus-operator and plain-prometheus contain this Role; their READMEs have the command that binds it.
The configurations do not use \`attach_metadata\` for nodes: without list and watch on nodes, Prometheus would find no
target at all.

## Check it

\`\`\`sh
kubectl --namespace monitoring get endpointslices --selector kubernetes.io/service-name=windows-exporter
kubectl --namespace monitoring get endpoints windows-exporter
kubectl --namespace monitoring get service windows-exporter --output 'jsonpath={.metadata.annotations}'
\`\`\`

The status page lists each node with its address and whether it is ready. If a node is published as ready but does not
answer, its exporter is gone or the network blocks the connection. The app checks neither. If there are endpoints but no
targets, compare the annotation \`aks-windows-metrics/prometheus\` with the overlay that your Prometheus uses.

## Rules and alerts

\`monitoring/rules/\` has recordings and 24 alerts on these series, and \`monitoring/dashboards/\` two dashboards.
[dashboards.md](dashboards.md) says how to load them.
[alerts.md](alerts.md) says what each alert means and what to do.`;
