import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { PROMETHEUS } from "./panels.ts";

interface Frame {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** The variables but the data source: the query of the values of each. */
  readonly variables: Readonly<Record<string, Variable>>;
}

interface Variable {
  readonly label: string;
  readonly query: string;
  /** Whether all values are selected at first; else the first one is. */
  readonly isAll: boolean;
}

const TAG = "aks-windows-metrics";

/** Returns a dashboard without panels: read-only, with variables whose lists follow the time range. */
export function frame({ uid, title, description, variables }: Frame): DashboardBuilder {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG, "windows", "kubernetes"])
    .readonly()
    .timezone("browser")
    .time({ from: "now-6h", to: "now" })
    .refresh("1m")
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder("Windows dashboards")
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .includeVars(true)
        .keepTime(true),
    )
    .withVariable(new DatasourceVariableBuilder("datasource").label("Data source").type("prometheus"));
  for (const [name, { label, query, isAll }] of Object.entries(variables)) {
    const variable = new QueryVariableBuilder(name)
      .label(label)
      .datasource(PROMETHEUS)
      .query(query)
      .definition(query)
      .multi(true)
      .refresh(VariableRefresh.OnTimeRangeChanged)
      // oxlint-disable-next-line unicorn/no-array-sort -- a builder's method
      .sort(VariableSort.AlphabeticalAsc);
    // Unlike the list of all values, `.*` matches series without the label, where one cluster has its own Prometheus.
    if (isAll) variable.includeAll(true).allValue(".*").current({ text: "All", value: "$__all", selected: true });
    builder.withVariable(variable);
  }
  return builder;
}
