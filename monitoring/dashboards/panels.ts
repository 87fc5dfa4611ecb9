import { PanelBuilder as BarGaugeBuilder } from "@grafana/grafana-foundation-sdk/bargauge";
import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  StackingMode,
  VisibilityMode,
  VizOrientation,
} from "@grafana/grafana-foundation-sdk/common";
import { FieldColorModeId } from "@grafana/grafana-foundation-sdk/dashboard";
import type { FieldColor, ThresholdsConfig, ValueMapping } from "@grafana/grafana-foundation-sdk/dashboard";
import { type Dataquery, DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as StateTimelineBuilder } from "@grafana/grafana-foundation-sdk/statetimeline";
import { PanelBuilder as TimeSeriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { BY_THRESHOLDS, SERIES_COLORS } from "./look.ts";

/** The data source that the dashboard's variable names. */
export const PROMETHEUS = { type: "prometheus", uid: "$datasource" } as const;

/** The size of a panel: a dashboard is 24 wide. */
export interface Place {
  readonly span: number;
  readonly height: number;
}

interface Panel extends Place {
  readonly title: string;
  readonly description: string;
  readonly unit: string;
}

/** Expressions by the text of their legend. */
type Series = Readonly<Record<string, string>>;

/** Returns a builder of what is there already. */
export function built<T>(value: T): Builder<T> {
  return { build: () => value };
}

/** Returns a query of the present values, for a table. */
export function tableQuery(expr: string, index: number): Builder<Dataquery> {
  return query(expr, index).instant().format(PromQueryFormat.Table);
}

/** Returns the letter of a query. */
export function refId(index: number): string {
  return String.fromCodePoint(65 + index);
}

function query(expr: string, index: number): DataqueryBuilder {
  return new DataqueryBuilder().refId(refId(index)).datasource(PROMETHEUS).expr(expr);
}

function rangeQueries(series: Series): Builder<Dataquery>[] {
  return Object.entries(series).map(([legend, expr], index) => query(expr, index).range().legendFormat(legend));
}

interface Lines extends Panel {
  readonly series: Series;
  readonly max?: number;
  readonly color?: FieldColor;
  /** Stacked areas, for parts of a whole. */
  readonly isStacked?: boolean;
  /** The fixed color of each series, by its name. */
  readonly colors?: Readonly<Record<string, string>>;
}

/** Returns lines over time, with the highest and last value of each in the legend, the highest first. */
export function lines({ series, color, colors, max, isStacked = false, ...panel }: Lines): TimeSeriesBuilder {
  const builder = place(new TimeSeriesBuilder(), panel)
    .targets(rangeQueries(series))
    .min(0)
    .lineWidth(2)
    .showPoints(VisibilityMode.Never)
    .drawStyle(GraphDrawStyle.Line)
    .fillOpacity(isStacked ? 60 : 0)
    .legend(
      built({
        displayMode: LegendDisplayMode.Table,
        placement: LegendPlacement.Bottom,
        showLegend: true,
        calcs: ["max", "lastNotNull"],
        sortBy: "Max",
        sortDesc: true,
      }),
    );
  if (max !== undefined) builder.max(max);
  if (color) builder.colorScheme(built(color));
  else builder.overrides(colors ? fixedColors(colors) : shadesByQuery(Object.keys(series).length));
  if (isStacked) builder.stacking(built({ mode: StackingMode.Normal, group: "A" }));
  return builder;
}

function fixedColors(colors: Readonly<Record<string, string>>) {
  return Object.entries(colors).map(([name, fixedColor]) => ({
    matcher: { id: "byName", options: name },
    properties: [{ id: "color", value: { mode: FieldColorModeId.Fixed, fixedColor } }],
  }));
}

/** A color for each query, and shades of it for several nodes. */
function shadesByQuery(queries: number) {
  return Array.from({ length: queries }, (_, index) => ({
    matcher: { id: "byFrameRefID", options: refId(index) },
    properties: [{ id: "color", value: { mode: FieldColorModeId.Shades, fixedColor: SERIES_COLORS[index] } }],
  }));
}

/** Gives each name a color that differs from the others. */
export function differing(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name, index) => [name, SERIES_COLORS[index % SERIES_COLORS.length] ?? ""]));
}

interface Numbers extends Panel {
  readonly series: Series;
  readonly thresholds: ThresholdsConfig;
  readonly decimals?: number;
  readonly empty?: string;
}

/** Returns one number for each series. */
export function numbers({ series, thresholds, decimals, empty, ...panel }: Numbers): StatBuilder {
  const targets = Object.entries(series).map(([legend, expr], index) =>
    query(expr, index).instant().legendFormat(legend),
  );
  const builder = place(new StatBuilder(), panel)
    .targets(targets)
    .colorMode(BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.None)
    .thresholds(built(thresholds))
    .colorScheme(built(BY_THRESHOLDS))
    .reduceOptions(built({ calcs: ["lastNotNull"], values: false, fields: "" }));
  if (decimals !== undefined) builder.decimals(decimals);
  if (empty !== undefined) builder.noValue(empty);
  return builder;
}

interface Bars extends Panel {
  readonly series: Series;
  readonly thresholds: ThresholdsConfig;
  readonly empty: string;
}

/** Returns a horizontal bar for the present value of each series. */
export function bars({ series, thresholds, empty, ...panel }: Bars): BarGaugeBuilder {
  const targets = Object.entries(series).map(([legend, expr], index) =>
    query(expr, index).instant().legendFormat(legend),
  );
  return place(new BarGaugeBuilder(), panel)
    .targets(targets)
    .min(0)
    .noValue(empty)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .thresholds(built(thresholds))
    .colorScheme(built(BY_THRESHOLDS))
    .reduceOptions(built({ calcs: ["lastNotNull"], values: false, fields: "" }));
}

interface States extends Panel {
  readonly series: Series;
  readonly mappings: ValueMapping[];
  readonly thresholds: ThresholdsConfig;
  readonly empty: string;
}

/** Returns a row for each series, whose color over time is its state. */
export function states({ series, mappings, thresholds, empty, ...panel }: States): StateTimelineBuilder {
  return place(new StateTimelineBuilder(), panel)
    .targets(rangeQueries(series))
    .mappings(mappings)
    .thresholds(built(thresholds))
    .colorScheme(built(BY_THRESHOLDS))
    .noValue(empty)
    .mergeValues(true)
    .showValue(VisibilityMode.Never)
    .rowHeight(0.8)
    .fillOpacity(90)
    .legend(
      built({ displayMode: LegendDisplayMode.List, placement: LegendPlacement.Bottom, showLegend: true, calcs: [] }),
    );
}

interface Placed {
  title(title: string): this;
  description(description: string): this;
  datasource(datasource: typeof PROMETHEUS): this;
  unit(unit: string): this;
  span(span: number): this;
  height(height: number): this;
}

function place<T extends Placed>(builder: T, { title, description, unit, span, height }: Panel): T {
  return builder.title(title).description(description).datasource(PROMETHEUS).unit(unit).span(span).height(height);
}
