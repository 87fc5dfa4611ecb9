import { type Html, html } from "../../../shared/report/html.ts";
import type { DashboardPanel } from "../../monitoring/dashboards.ts";
import { type Line, linesOf, tableOf } from "../../monitoring/panel-data.ts";
import type { Prometheus, Range } from "../../real/prometheus.ts";
import { colorsOf } from "./colors.ts";
import { fieldOf, lookOf, textOf } from "./values.ts";

/** What a picture is drawn from. */
export interface Source {
  readonly prometheus: Prometheus;
  readonly range: Range;
  readonly values: Readonly<Record<string, string>>;
}

/** A diagram for uPlot, which a script in the page draws. */
export interface Chart {
  readonly colors: readonly string[];
  readonly data: readonly (readonly (number | null)[])[];
  readonly max: number | undefined;
  readonly isStacked: boolean;
  readonly unit: string;
}

interface Drawn {
  readonly body: Html;
  readonly chart?: Chart;
}

/** The height of a unit of a dashboard's grid, and of a row of a table, in pixels. */
export const UNIT = 38;
const ROW = 27;
const LEGEND_ROWS = 3;

/** Draws the contents of a panel. */
export async function drawPanel(panel: DashboardPanel, source: Source): Promise<Drawn> {
  if (panel.type === "table") return { body: await drawTable(panel, source) };
  const lines = await linesOf(panel, source.prometheus, source);
  if (panel.type === "timeseries") return drawLines(panel, lines, source.range);
  const body = { stat: drawStat, bargauge: drawBars, "state-timeline": drawStates }[panel.type];
  if (!body) throw new Error(`${panel.title}: no picture of ${panel.type}`);
  return { body: body(panel, lines, source.range) };
}

async function drawTable(panel: DashboardPanel, { prometheus, values }: Source): Promise<Html> {
  const { columns, rows } = await tableOf(panel, prometheus, values);
  const shown = columns.filter((title) => !fieldOf(panel, title).isHidden);
  const fit = Math.floor(((panel.gridPos?.h ?? 8) * UNIT - 70) / ROW);
  const cells = rows.slice(0, fit).map(
    (row) =>
      html`<tr>
        ${shown.map((title) => {
          const { text, color } = lookOf(row[title], fieldOf(panel, title));
          return html`<td style="background:${color ?? "none"};color:${color ? "#000" : "inherit"}">${text}</td>`;
        })}
      </tr>`,
  );
  const more = rows.length > fit ? html`<p class="more">${rows.length - fit} more rows: scroll</p>` : "";
  return html`<table>
      <tr>
        ${shown.map((title) => html`<th>${title}</th>`)}
      </tr>
      ${cells}
    </table>
    ${more}`;
}

function drawStat(panel: DashboardPanel, lines: readonly Line[]): Html {
  const field = fieldOf(panel, "");
  return html`<div class="stats">
    ${lines.map(({ values, name }) => {
      const { text, color } = lookOf(values.at(-1), field);
      return html`<div style="background:${color ?? "none"}">
        <b>${text}</b>${lines.length > 1 ? html`<i>${name}</i>` : ""}
      </div>`;
    })}
  </div>`;
}

function drawBars(panel: DashboardPanel, lines: readonly Line[]): Html {
  const field = fieldOf(panel, "");
  const most = Math.max(...lines.map(({ values }) => values.at(-1) ?? 0));
  return html`${lines.map(({ name, values: [value = 0] }) => {
    const { text, color } = lookOf(value, field);
    return html`<div class="bar">
      <span>${name}</span>
      <div><b style="width:${(100 * value) / most}%;background:${color ?? ""}"></b></div>
      <span>${text}</span>
    </div>`;
  })}`;
}

function drawStates(panel: DashboardPanel, lines: readonly Line[], { start, end, step }: Range): Html {
  const field = fieldOf(panel, "");
  const percent = (seconds: number): number => (100 * seconds) / (end - start + step);
  const rows = lines
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, times, values }) => {
      const changes = values.flatMap((value, index) => (index === 0 || value !== values[index - 1] ? [index] : []));
      const parts = changes.map((from, index) => {
        const to = changes[index + 1] ?? values.length;
        const { color } = lookOf(values[from], field);
        const left = percent((times[from] ?? start) - start);
        return html`<b style="left:${left}%;width:${percent((to - from) * step)}%;background:${color ?? ""}"></b>`;
      });
      return html`<div class="state">
        <span>${name}</span>
        <div>${parts}</div>
      </div>`;
    });
  const legend = field.mappings.flatMap(({ options }) => Object.values(options));
  return html`${rows}
    <p class="legend">
      ${legend.map(({ text, color }) => html`<span><i style="background:${color ?? ""}"></i>${text ?? ""}</span>`)}
    </p>`;
}

function drawLines(panel: DashboardPanel, lines: readonly Line[], { start, end, step }: Range): Drawn {
  const field = fieldOf(panel, "");
  const colors = colorsOf(panel, lines);
  const times = Array.from({ length: (end - start) / step + 1 }, (_, index) => start + index * step);
  const custom = panel.fieldConfig?.defaults.custom as { stacking?: { mode: string } } | undefined;
  const data = lines.map((line) => {
    const at = new Map(line.times.map((time, index) => [time, line.values[index] ?? null]));
    return times.map((time) => at.get(time) ?? null);
  });
  const rows = lines.slice(0, LEGEND_ROWS).map(
    ({ name, values }, index) =>
      html`<tr>
        <td><i style="background:${colors[index] ?? ""}"></i>${name}</td>
        <td>${textOf(Math.max(...values), field)}</td>
        <td>${textOf(values.at(-1) ?? 0, field)}</td>
      </tr>`,
  );
  const more =
    lines.length > LEGEND_ROWS ? html`<p class="more">${lines.length - LEGEND_ROWS} more series: scroll</p>` : "";
  const body = html`<div class="chart"></div>
    <table class="series">
      <tr>
        <th>Name</th>
        <th>Max</th>
        <th>Last</th>
      </tr>
      ${rows}
    </table>
    ${more}`;
  const max = panel.fieldConfig?.defaults.max;
  const isStacked = custom?.stacking?.mode === "normal";
  return { body, chart: { colors, data: [times, ...data], max, isStacked, unit: field.unit } };
}
