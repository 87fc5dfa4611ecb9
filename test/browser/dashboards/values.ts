import type { DashboardPanel } from "../../monitoring/dashboards.ts";

/** How a value looks: its text, and its color if it has one. */
export interface Look {
  readonly text: string;
  readonly color: string | undefined;
}

interface Threshold {
  readonly value: number | null;
  readonly color: string;
}

/** What a field of a panel is drawn with: the panel's defaults, and what an override says. */
export interface Field {
  readonly unit: string;
  readonly decimals: number | undefined;
  readonly thresholds: { readonly steps: readonly Threshold[] } | undefined;
  readonly mappings: readonly { readonly options: Readonly<Record<string, { text?: string; color?: string }>> }[];
  readonly isHidden: boolean;
}

/** Returns the field with a name. */
export function fieldOf({ fieldConfig }: DashboardPanel, name: string): Field {
  const own = fieldConfig?.overrides.filter(({ matcher }) => String(matcher.options) === name) ?? [];
  const said = Object.fromEntries(own.flatMap(({ properties }) => properties.map(({ id, value }) => [id, value])));
  const field = { unit: "none", mappings: [], ...fieldConfig?.defaults, ...said };
  return { ...(field as unknown as Field), isHidden: said["custom.hidden"] === true };
}

/** Returns how a value looks. */
export function lookOf(value: string | number | undefined, field: Field): Look {
  if (value === undefined) return { text: "", color: undefined };
  const [mapped] = field.mappings.flatMap(({ options }) => options[String(value)] ?? []);
  if (mapped) return { text: mapped.text ?? String(value), color: visible(mapped.color) };
  if (typeof value === "string") return { text: value, color: undefined };
  const steps = field.thresholds?.steps ?? [];
  const reached = steps.findLast(({ value: from }) => from === null || value >= from);
  return { text: textOf(value, field), color: visible(reached?.color) };
}

function visible(color: string | undefined): string | undefined {
  return color === "transparent" ? undefined : color;
}

const BYTES = ["B", "KiB", "MiB", "GiB", "TiB"];
const DECIMAL = ["", "k", "M", "G"];

type Write = (value: number, decimals: number | undefined) => string;

/** How Grafana writes numbers, by unit. */
const UNITS: Readonly<Record<string, Write>> = {
  percentunit: (value, decimals) => `${(value * 100).toFixed(decimals ?? 1)}%`,
  bytes: (value) => scaled(value, 1024, BYTES),
  Bps: (value) => `${scaled(value, 1000, DECIMAL)}B/s`,
  bps: (value) => `${scaled(value, 1000, DECIMAL)}b/s`,
  pps: (value) => `${value.toFixed(1)} p/s`,
  ops: (value) => `${value.toFixed(1)} ops/s`,
  s: (value, decimals) =>
    value > 0 && value < 1 ? `${(value * 1000).toFixed(0)} ms` : `${value.toFixed(decimals ?? 1)} s`,
  dateTimeAsIso: (value) => new Date(value).toISOString().slice(0, 19).replace("T", " "),
  dateTimeAsIsoNoDateIfToday: (value) => new Date(value).toISOString().slice(11, 19),
};

/** Returns a number with its unit. */
export function textOf(value: number, { unit, decimals }: Pick<Field, "unit" | "decimals">): string {
  const write = UNITS[unit];
  return write ? write(value, decimals) : Number.isInteger(value) ? String(value) : value.toFixed(decimals ?? 2);
}

function scaled(value: number, base: number, units: readonly string[]): string {
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(value) / Math.log(base)));
  return `${(value / base ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
