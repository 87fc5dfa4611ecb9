import { type FieldColor, FieldColorModeId, FieldColorSeriesByMode } from "@grafana/grafana-foundation-sdk/dashboard";
import { type Threshold, type ThresholdsConfig, ThresholdsMode } from "@grafana/grafana-foundation-sdk/dashboard";
import { type ValueMapping, MappingType } from "@grafana/grafana-foundation-sdk/dashboard";

/** Colors that can be told apart with every kind of color vision (Okabe and Ito), by what they mean. */
export const COLORS = {
  none: "transparent",
  well: "#0072B2",
  working: "#56B4E9",
  waiting: "#E69F00",
  trouble: "#D55E00",
} as const;

/** Colors of series that have no meaning but to differ, in this order. */
export const SERIES_COLORS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"] as const;

/** What a value is shown as. */
export interface Shown {
  readonly text: string;
  readonly color?: string;
}

/** Returns thresholds from what is below the first one and steps in ascending order. */
export function thresholds(
  base: string,
  steps: readonly (readonly [value: number, color: string])[],
): ThresholdsConfig {
  const all: Threshold[] = [{ value: null, color: base }, ...steps.map(([value, color]) => ({ value, color }))];
  return { mode: ThresholdsMode.Absolute, steps: all };
}

/** High is bad: in a table, only the cells that need attention have a color. */
export function highIsBad(waiting: number, trouble: number, base: string = COLORS.none): ThresholdsConfig {
  return thresholds(base, [
    [waiting, COLORS.waiting],
    [trouble, COLORS.trouble],
  ]);
}

/** Returns a mapping of values to texts; their order is that of a legend. */
export function valuesAs(shown: Readonly<Record<string, Shown>>): ValueMapping[] {
  const options = Object.entries(shown).map(([value, result], index) => [value, { ...result, index }] as const);
  return [{ type: MappingType.ValueToText, options: Object.fromEntries(options) }];
}

/** Yellow is low and red is high, by the highest value of a series: the worst series is the darkest. */
export const BY_HEIGHT: FieldColor = {
  mode: FieldColorModeId.ContinuousYlRd,
  seriesBy: FieldColorSeriesByMode.Max,
};

export const BY_THRESHOLDS: FieldColor = { mode: FieldColorModeId.Thresholds };
