import { type Html, html } from "../html.ts";
import { byLevel } from "../levels.ts";
import { needsMetrics } from "../node-levels.ts";
import type { Status } from "../status.ts";
import { renderCluster, renderOverview } from "./cluster.ts";
import { renderDocument } from "./document.ts";
import { utc } from "./times.ts";
import { plural } from "./words.ts";

export { renderBadSettings } from "./bad-settings.ts";
export { PAGE_HEADERS } from "./document.ts";

interface PageOptions {
  /** After how many seconds the browser loads the page again; absent: never. */
  readonly refreshSeconds?: number;
}

const SHORTEST_REFRESH = 5;
const LONGEST_REFRESH = 3600;

const MODE_WORDS: ReadonlyMap<string, string> = new Map([
  ["observe", "observes: plans and reports, changes nothing"],
  ["install", "installs"],
]);

/** Renders the status as an HTML page, the clusters that need attention first. */
export function renderPage(status: Status, { refreshSeconds }: PageOptions = {}): string {
  const { at, app, notices } = status;
  const clusters = status.clusters.toSorted(byLevel);
  const seconds = refreshSeconds && Math.min(Math.max(Math.round(refreshSeconds), SHORTEST_REFRESH), LONGEST_REFRESH);
  const mode = MODE_WORDS.get(app.mode) ?? `MODE=${app.mode}`;
  const topItems = [
    html`<h1>aks-windows-metrics</h1>`,
    html`app <b>${app.name}</b>`,
    html`${app.version}`,
    html`${mode}`,
    html`as of ${utc(at)}`,
  ];
  const body = html`<header class="top">
      ${topItems.map((item, index) => html`${index > 0 ? html`&nbsp;· ` : ""}${item}`)}
    </header>
    <main>
      ${notices.map((notice) => html`<p class="notice">${notice}</p>`)} ${renderOverview(clusters)}
      ${clusters.map((cluster, number) => renderCluster(cluster, number, at))}
    </main>
    <footer>${footerText(seconds)}</footer>`;
  const refresh = seconds ? html`<meta http-equiv="refresh" content="${seconds}" />` : html``;
  return renderDocument(`${titleOf(status)} · aks-windows-metrics`, body, refresh);
}

/** Says the state in the few words that a browser's tab has room for. */
function titleOf({ clusters, level }: Status): string {
  const nodes = clusters.flatMap(({ pools }) => pools.flatMap((pool) => pool.nodes)).filter(needsMetrics);
  const without = nodes.filter(({ hasMetrics }) => !hasMetrics).length;
  if (nodes.length > 0 && nodes.every(({ published }) => published.state === "unknown")) {
    return `${plural(nodes.length, "node")}, metrics not known yet`;
  }
  if (without > 0) return `${without} of ${nodes.length} without metrics`;
  const covered = nodes.length === 0 ? "no nodes seen" : `${nodes.length} of ${nodes.length} with metrics`;
  return level === "trouble" ? `Needs an operator, ${covered}` : covered;
}

/** A link would need the address, which may contain a function key, so the texts say what to add to it. */
function footerText(seconds: number | undefined): Html {
  const refresh = seconds
    ? html`This page loads again every ${seconds} s.`
    : html`Add <code>&amp;refresh=30</code> to the address to load this page again every 30 s.`;
  return html`${refresh} A client that does not accept <code>text/html</code> gets the same as JSON.`;
}
