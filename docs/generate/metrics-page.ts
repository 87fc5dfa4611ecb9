import { METRICS, METRICS_PREFIX } from "../../shared/report/metrics-table.ts";
import { markdownTable } from "./markdown-table.ts";

/** Returns the text of docs/metrics.md, whose table is the app's own. */
export function metricsPage(): string {
  const rows = Object.entries(METRICS).map(([name, { type, help, labels }]) => {
    const names = name === "build_info" ? labels : ["cluster", ...labels];
    return [`\`${METRICS_PREFIX}${name}\``, type, names.map((label) => `\`${label}\``).join(", "), help];
  });
  return `${[INTRODUCTION, ...markdownTable(["metric", "type", "labels", "meaning"], rows), SCRAPE].join("\n")}\n`;
}

const INTRODUCTION = `# Metrics

Generated from \`shared/report/metrics-table.ts\` by \`npm run pages\`. Do not edit it by hand.

\`GET /api/metrics\` returns the app's own metrics in the text format of Prometheus. They are a view of what the passes
stored, as the [status](status.md) is: the answer of every worker is the same, and nothing is observed for it. \`cluster\`
is the name of the managed cluster, or \`group/name\` where two clusters have the same name. With \`?cluster=NAME\` the
answer has the series of that cluster alone, without the label \`cluster\`, for a Prometheus in that cluster. The values
of \`state\` and \`reason\` are those of [status.md](status.md) and [troubleshooting.md](troubleshooting.md).
`;

const SCRAPE = `
## Scrape configuration

The function has its own key. Prometheus 2.55 or later sends it in a header that it reads from a file; as a parameter of
the address it would be shown among the targets.

\`\`\`yaml
scrape_configs:
  - job_name: aks-windows-metrics
    scheme: https
    metrics_path: /api/metrics
    scrape_interval: 60s
    http_headers:
      x-functions-key:
        files: [/etc/prometheus/secrets/aks-windows-metrics-key]
    static_configs:
      - targets: [APP.azurewebsites.net]
\`\`\`

\`\`\`console
$ az functionapp function keys list --name APP --resource-group GROUP --function-name metrics --query default --output tsv
\`\`\`

A ServiceMonitor and a ScrapeConfig of prometheus-operator have no such field: use \`additionalScrapeConfigs\`.`;
