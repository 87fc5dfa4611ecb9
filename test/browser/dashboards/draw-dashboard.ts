import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Html, html } from "../../../shared/report/html.ts";
import type { DashboardPanel, ReadDashboard } from "../../monitoring/dashboards.ts";
import type { Page } from "../served-page.ts";
import { axisLabel, drawCharts } from "./draw-charts.mjs";
import { drawPanel, type Source, UNIT } from "./draw-panel.ts";

const require = createRequire(import.meta.url);
const script = readFileSync(require.resolve("uplot/dist/uPlot.iife.min.js"), "utf8");
const style = readFileSync(require.resolve("uplot/dist/uPlot.min.css"), "utf8");

const STYLE = `
body{margin:0;background:#111217;color:#ccccdc;font:13px/1.4 Inter,Roboto,Arial,sans-serif}
h1{font-size:18px;margin:0;padding:12px 16px}
main{display:grid;grid-template-columns:repeat(24,1fr);grid-auto-rows:${UNIT - 8}px;gap:8px;padding:0 8px 8px}
section{background:#181b1f;border:1px solid #2c2f36;border-radius:3px;padding:6px 8px;overflow:hidden;display:flex;flex-direction:column;min-width:0}
h2{font-size:14px;font-weight:500;margin:0 0 4px}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:3px 8px;font-weight:400;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;max-width:520px;border-bottom:1px solid #2c2f36;height:20px}
th{color:#6e9fff}
i{display:inline-block;width:14px;height:4px;border-radius:2px;margin-right:6px;vertical-align:middle}
.chart{flex:1;min-height:0}
.series td,.series th{padding:0 6px;font-size:12px;border:0;height:auto;max-width:300px}
.more{margin:2px 6px;color:#8e8e9a;font-size:12px}
.stats{display:flex;flex:1;gap:4px}
.stats div{flex:1;display:flex;flex-direction:column;align-items:center;justify-content:center;border-radius:3px;color:#fff;font-size:34px}
.bar,.state{display:grid;grid-template-columns:240px 1fr 40px;gap:8px;align-items:center;margin:4px 0}
.state{grid-template-columns:240px 1fr;margin:1px 0}
.bar span,.state span{text-align:right;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.bar div,.state div{position:relative;background:#22252b;height:26px}
.state div{height:14px}
.bar b{display:block;height:100%}.state b{position:absolute;top:0;bottom:0}
.legend{display:flex;gap:16px;margin:4px 0 0 248px}.legend i{height:10px}
`;

/** Draws a dashboard's panels as a page, with uPlot and tables: Grafana itself draws them otherwise. */
export async function drawDashboard(
  dashboard: ReadDashboard,
  source: Source,
): Promise<Page & { readonly height: number }> {
  const drawn = await Promise.all(
    dashboard.panels.map(async (panel) => ({ panel, ...(await drawPanel(panel, source)) })),
  );
  const charts = Object.fromEntries(drawn.flatMap(({ panel, chart }) => (chart ? [[`p${panel.id}`, chart]] : [])));
  const page = html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <title>${dashboard.title ?? ""}</title>
      <body>
        <h1>${dashboard.title ?? ""}</h1>
        <main>${drawn.map(({ panel, body }) => drawFrame(panel, body))}</main>
      </body>
    </html>`.toString();
  const scripts = `<script>${script}</script><script>(${drawCharts.toString()})(${JSON.stringify(charts)}, ${axisLabel.toString()})</script>`;
  const units = Math.max(...dashboard.panels.map(({ gridPos }) => (gridPos?.y ?? 0) + (gridPos?.h ?? 0)));
  return {
    html: `${page.replace("<body>", `<style>${style}${STYLE}</style><body>`)}${scripts}`,
    headers: { "content-type": "text/html; charset=utf-8" },
    height: units * UNIT + 60,
  };
}

function drawFrame({ id = 0, title, gridPos }: DashboardPanel, body: Html): Html {
  const { x = 0, y = 0, w = 0, h = 0 } = gridPos ?? {};
  return html`<section id="p${id}" style="grid-area:${y + 1}/${x + 1}/span ${h}/span ${w}">
    <h2>${title}</h2>
    ${body}
  </section>`;
}
