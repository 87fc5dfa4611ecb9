import { readFileSync } from "node:fs";
import type { Dashboard, Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import type { Dataquery } from "@grafana/grafana-foundation-sdk/prometheus";

/** A panel of a dashboard, with its queries. */
export interface DashboardPanel extends Omit<Panel, "targets" | "title"> {
  readonly title: string;
  readonly targets: readonly Dataquery[];
}

export interface ReadDashboard extends Omit<Dashboard, "panels" | "templating"> {
  readonly panels: readonly DashboardPanel[];
  readonly templating: { readonly list: readonly Variable[] };
}

interface Variable {
  readonly type: string;
  readonly name: string;
  readonly label: string;
  readonly query: string;
  readonly refresh?: number;
}

const read = (name: string): ReadDashboard =>
  JSON.parse(readFileSync(new URL(`../../monitoring/dashboards/${name}.json`, import.meta.url), "utf8"));

/** The dashboards that are committed, by the name of the file. */
export const dashboards: Readonly<Record<string, ReadDashboard>> = { fleet: read("fleet"), node: read("node") };

/** Returns an expression with the values of the dashboard's variables, as Grafana sends it. */
export function withValues(expr: string, values: Readonly<Record<string, string>>): string {
  return expr.replaceAll(/\$(__)?[a-z_]+/g, (name) => values[name.slice(1)] ?? name);
}
