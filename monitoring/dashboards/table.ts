import { type TableSortByFieldState, TableCellHeight } from "@grafana/grafana-foundation-sdk/common";
import type { DynamicConfigValue, ThresholdsConfig, ValueMapping } from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder } from "@grafana/grafana-foundation-sdk/table";
import { built, type Place, PROMETHEUS, refId, tableQuery } from "./panels.ts";

/** A column of a table: a label, or the value of a query. */
interface Column {
  /** The label, or the number of the query. */
  readonly of: string | number;
  readonly title: string;
  readonly unit?: string;
  readonly decimals?: number;
  readonly thresholds?: ThresholdsConfig;
  readonly mappings?: ValueMapping[];
  readonly width?: number;
  readonly hidden?: boolean;
  readonly link?: { readonly title: string; readonly url: string };
}

interface Table extends Place {
  readonly title: string;
  readonly description: string;
  readonly queries: readonly string[];
  readonly columns: readonly Column[];
  /** Titles of columns, the most important first; `-` before one for the highest first. */
  readonly sortBy: readonly string[];
  /** What an empty table says. */
  readonly empty: string;
}

/** Returns a table of the present values: a row for each set of labels, with a value from each query. */
export function table({ queries, columns, sortBy, empty, ...panel }: Table): PanelBuilder {
  const nameOf = ({ of }: Column): string => (typeof of === "string" ? of : valueField(of, queries.length));
  const builder = new PanelBuilder()
    .title(panel.title)
    .description(panel.description)
    .datasource(PROMETHEUS)
    .span(panel.span)
    .height(panel.height)
    .targets(queries.map(tableQuery))
    .unit("none")
    .noValue(empty)
    .filterable(true)
    .cellHeight(TableCellHeight.Sm)
    .sortBy(sortBy.map((title) => built(sortOf(title))));
  if (queries.length > 1) builder.withTransformation({ id: "merge", options: {} });
  const indexByName = Object.fromEntries(columns.map((column, index) => [nameOf(column), index]));
  const renameByName = Object.fromEntries(columns.map((column) => [nameOf(column), column.title]));
  builder.withTransformation({
    id: "organize",
    options: { excludeByName: { Time: true }, indexByName, renameByName },
  });
  for (const column of columns) builder.overrideByName(column.title, propertiesOf(column));
  return builder;
}

/** Grafana names the value of the only query `Value`, and otherwise adds the letter of the query. */
function valueField(query: number, queries: number): string {
  return queries === 1 ? "Value" : `Value #${refId(query)}`;
}

function sortOf(title: string): TableSortByFieldState {
  return title.startsWith("-") ? { displayName: title.slice(1), desc: true } : { displayName: title, desc: false };
}

function propertiesOf(column: Column): DynamicConfigValue[] {
  const { unit, decimals, thresholds, mappings, width, hidden, link } = column;
  const isColored = thresholds !== undefined || mappings?.some(hasColor) === true;
  const values: Readonly<Record<string, unknown>> = {
    unit,
    decimals,
    thresholds,
    mappings,
    "custom.width": width,
    "custom.hidden": hidden,
    "custom.cellOptions": isColored ? { type: "color-background", mode: "basic" } : undefined,
    links: link && [link],
  };
  return Object.entries(values).flatMap(([id, value]) => (value === undefined ? [] : [{ id, value }]));
}

function hasColor({ options }: ValueMapping): boolean {
  return JSON.stringify(options).includes('"color"');
}
