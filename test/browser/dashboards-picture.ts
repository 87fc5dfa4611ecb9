import { copyFileSync } from "node:fs";
import { dashboards } from "../monitoring/dashboards.ts";
import { ALL, openPanelHistory, RANGE } from "../monitoring/panel-history.ts";
import { openBrowser } from "./browser.ts";
import { drawDashboard } from "./dashboards/draw-dashboard.ts";

/** The node dashboard shows one node, as after a click on it. */
const SELECTED = { fleet: {}, node: { cluster: "eu", node: "akswin1000004" } } as const;
const WIDTH = 1600;
/** `paint` takes four windows. */
const WINDOWS = 4;

/** `npm run picture:dashboards` makes docs/dashboard-*.png: the panels on the history of three clusters. */
const history = await openPanelHistory();
const browser = await openBrowser();
try {
  for (const [name, selected] of Object.entries(SELECTED)) {
    const dashboard = dashboards[name];
    if (!dashboard) throw new Error(`no dashboard ${name}`);
    const source = { prometheus: history.prometheus, range: RANGE, values: { ...ALL, ...selected } };
    const { height, ...page } = await drawDashboard(dashboard, source);
    const view = {
      name: `dashboard-${name}`,
      width: WIDTH,
      height: Math.ceil(height / WINDOWS),
      scheme: "dark",
    } as const;
    const { picture, console: messages } = await browser.look(page, view);
    if (messages.length > 0) throw new Error(`${name}: ${messages.join("; ")}`);
    copyFileSync(picture, new URL(`../../docs/dashboard-${name}.png`, import.meta.url));
  }
} finally {
  await browser.close();
  await history.close();
}
process.exit();
