import { byText } from "../../shared/model/order.ts";
import type { Prometheus, Range, RangeSeries } from "../real/prometheus.ts";
import type { DashboardPanel } from "./dashboards.ts";
import { withValues } from "./dashboards.ts";

type Cell = string | number | undefined;

/** What a panel shows: rows of a table, each by the titles of its columns, or named series over time. */
export interface TableData {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, Cell>>[];
}

export interface Line extends RangeSeries {
  readonly name: string;
  readonly query: number;
}

interface Organize {
  readonly excludeByName: Readonly<Record<string, boolean>>;
  readonly indexByName: Readonly<Record<string, number>>;
  readonly renameByName: Readonly<Record<string, string>>;
}

interface SortBy {
  readonly displayName: string;
  readonly desc: boolean;
}

type Values = Readonly<Record<string, string>>;

/** Returns the table as Grafana shows it: one row for equal labels, with the panel's names, order and sorting. */
export async function tableOf(panel: DashboardPanel, prometheus: Prometheus, values: Values): Promise<TableData> {
  const merged = new Map<string, Record<string, Cell>>();
  for (const { expr, refId } of panel.targets) {
    for (const { labels, value } of await prometheus.query(withValues(expr, values))) {
      const { __name__: _, ...own } = labels;
      const key = JSON.stringify(Object.entries(own).toSorted(byText(([name]) => name)));
      merged.set(key, {
        ...(merged.get(key) ?? own),
        [panel.targets.length === 1 ? "Value" : `Value #${refId}`]: value,
      });
    }
  }
  const organize = panel.transformations?.find(({ id }) => id === "organize")?.options as Organize;
  const { indexByName, renameByName } = organize;
  const rows = [...merged.values()].map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, cell]) => [renameByName[name] ?? name, cell])),
  );
  const columns = Object.entries(indexByName)
    .toSorted(([, a], [, b]) => a - b)
    .map(([name]) => renameByName[name] ?? name);
  return { columns, rows: rows.toSorted(comparator((panel.options as { sortBy: SortBy[] }).sortBy)) };
}

function comparator(sortBy: readonly SortBy[]) {
  return (a: Readonly<Record<string, Cell>>, b: Readonly<Record<string, Cell>>): number => {
    for (const { displayName, desc } of sortBy) {
      const order = compare(a[displayName], b[displayName]);
      if (order !== 0) return desc ? -order : order;
    }
    return 0;
  };
}

/** Nothing is below everything. */
function compare(a: Cell, b: Cell): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  return b === undefined || a > b ? 1 : -1;
}

/** The time range and the values of the variables that a panel is shown with. */
export interface Shown {
  readonly values: Values;
  readonly range: Range;
}

/** Returns the present value or the line of each series of a query. */
export async function seriesOf(
  { expr, instant }: DashboardPanel["targets"][number],
  prometheus: Prometheus,
  { values, range }: Shown,
): Promise<readonly RangeSeries[]> {
  const asked = withValues(expr, values);
  if (!instant) return prometheus.queryRange(asked, range);
  const samples = await prometheus.query(asked);
  const present = samples.filter(({ value }) => !Number.isNaN(value));
  return present.map(({ labels, value }) => ({ labels, times: [range.end], values: [value] }));
}

/** Returns the series of a panel with their names in the legend, the highest first. */
export async function linesOf(panel: DashboardPanel, prometheus: Prometheus, shown: Shown): Promise<readonly Line[]> {
  const lines = await Promise.all(
    panel.targets.map(async (target, query) => {
      const series = await seriesOf(target, prometheus, shown);
      return series.map((each) => ({ ...each, name: nameIn(target.legendFormat ?? "", each.labels), query }));
    }),
  );
  return lines.flat().toSorted((a, b) => highest(b) - highest(a));
}

function nameIn(legend: string, labels: Readonly<Record<string, string>>): string {
  return legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? "").trim();
}

/** Returns the highest value of a series. */
function highest({ values }: RangeSeries): number {
  return Math.max(...values);
}
