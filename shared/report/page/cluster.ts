import { type Html, html } from "../html.ts";
import type { ClusterStatus } from "../status.ts";
import { idsByName, numberPools } from "./numbered.ts";
import { renderDetails, renderPasses } from "./passes.ts";
import { renderPools } from "./pools.ts";
import { portalLink } from "./portal.ts";
import { renderProblems } from "./problems.ts";
import { renderTiles, renderCounts } from "./tiles.ts";
import { renderTimeline } from "./timeline.ts";
import { relative } from "./times.ts";
import { LEVEL_WORDS } from "./words.ts";

/** Renders one cluster. Its number makes the IDs of its elements unique in the page. */
export function renderCluster(cluster: ClusterStatus, number: number, at: string): Html {
  const pools = numberPools(cluster, number);
  return html`<section class="cluster ${cluster.level}" id="c${number}">
    <p class="name">
      <b>Cluster ${portalLink(cluster.cluster, html`<bdi>${cluster.name}</bdi> ↗`)}</b> ${levelBadge(cluster)}
      ${dashboardLink(cluster)}
    </p>
    <h2>${cluster.headline}</h2>
    ${cluster.summary.map((sentence) => html`<p class="lead">${sentence}</p>`)} ${staleNote(cluster, at)}
    ${renderCounts(cluster)} ${renderTiles(pools)} ${renderProblems(cluster.problems, { at, ids: idsByName(pools) })}
    ${renderTimeline(cluster.timeline, at)} ${renderPools(pools, at)} ${renderPasses(cluster.passes, at)}
    ${renderDetails(cluster, at)}
  </section>`;
}

/** The page's address may contain a function key, so Grafana must not see it as the referrer. */
function dashboardLink({ dashboard, name }: ClusterStatus): Html {
  if (dashboard === undefined) return html``;
  return html`<a href="${dashboard}" rel="noreferrer" title="Open the dashboard of ${name} in Grafana">Dashboard ↗</a>`;
}

/** Renders a line for each cluster with a link to its section. */
export function renderOverview(clusters: readonly ClusterStatus[]): Html {
  if (clusters.length < 2) return html``;
  const lines = clusters.map(
    (cluster, number) =>
      html`<li>${levelBadge(cluster)}<a href="#c${number}">${cluster.name}</a><span>${cluster.headline}</span></li>`,
  );
  return html`<nav class="overview" aria-label="Clusters">
    <ul>
      ${lines}
    </ul>
  </nav>`;
}

function levelBadge({ level }: ClusterStatus): Html {
  return html`<span class="badge ${level}">${LEVEL_WORDS[level]}</span>`;
}

/** Marks states that passes have not confirmed since; the summary says why. */
function staleNote({ passes }: ClusterStatus, at: string): Html {
  const [oldest] = passes.flatMap(({ observedAt }) => observedAt ?? []).toSorted();
  if (oldest === undefined) return html``;
  return html`<p class="stale"><span class="badge waiting">Not up to date</span> seen ${relative(oldest, at)}</p>`;
}
