import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";

const RULES = fileURLToPath(new URL("../../monitoring/rules/", import.meta.url));
const TARGET = "infra/kubernetes/monitoring";
/** Rules that only some users load, each a component of its own for kustomize. */
const OPTIONAL = new Set(["app", "compat"]);

/** The PrometheusRule of each file of `monitoring/rules`, by its path. */
export const PROMETHEUS_RULES: Readonly<Record<string, () => string>> = Object.fromEntries(
  globSync("*.yaml", { cwd: RULES })
    .map((file) => path.basename(file, ".yaml"))
    .toSorted()
    .map((name) => [`${TARGET}/${OPTIONAL.has(name) ? name : "rules"}/${name}.yaml`, () => prometheusRule(name)]),
);

function prometheusRule(name: string): string {
  const spec: unknown = parse(readFileSync(path.join(RULES, `${name}.yaml`), "utf8"));
  const object = {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name: `aks-windows-metrics-${name}` },
    spec,
  };
  const text = stringify(object, { lineWidth: 0, blockQuote: "literal" });
  return `# Generated from monitoring/rules/${name}.yaml by \`npm run pages\`. Do not edit it by hand.\n${text}`;
}
