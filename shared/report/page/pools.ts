import { type Html, html } from "../html.ts";
import { byLevel } from "../levels.ts";
import type { NodeStatus } from "../status.ts";
import { cutNote, fold, split } from "./fold.ts";
import type { NumberedNode, NumberedPool } from "./numbered.ts";
import { portalLink } from "./portal.ts";
import { table } from "./table.ts";
import { countsText } from "./tiles.ts";
import { due, relative } from "./times.ts";
import { colorOf, NODE_WORDS, plural, poolName, PUBLISHED_WORDS } from "./words.ts";

const SHOWN_ROWS = 20;
const PACKAGE_DIGITS = 8;

/** Renders the nodes of each pool as a table, which is open where something is not well. */
export function renderPools(pools: readonly NumberedPool[], at: string): Html {
  if (pools.length === 0) return html``;
  return html`<h3>Nodes</h3>
    ${pools.map((pool) => renderPool(pool, at))}`;
}

function renderPool({ pool, nodes }: NumberedPool, at: string): Html {
  const isOpen = pool.level !== "well";
  const sorted = nodes.toSorted((a, b) => byLevel(a.node, b.node));
  const notWell = sorted.filter(({ node }) => node.level !== "well").length;
  const { shown, folded, cut } = split(sorted, isOpen ? Math.min(notWell, SHOWN_ROWS) : sorted.length);
  const counts = countsText(pool.counts);
  const summary = html`<b><bdi>${poolName(pool.pool)}</bdi></b>
    <span class="mute">${counts === "" ? "no nodes" : counts}</span>`;
  const link =
    pool.scaleSet === undefined ? "" : html`<p>${portalLink(pool.scaleSet, "Scale set in the Azure portal")}</p>`;
  const rest = folded.length === 0 ? "" : fold(plural(folded.length, "more node"), nodeTable(folded, at));
  return fold(summary, html`${nodeTable(shown, at)}${rest}${cutNote(cut)}${link}`, isOpen);
}

function nodeTable(nodes: readonly NumberedNode[], at: string): Html {
  if (nodes.length === 0) return html``;
  const rows = nodes.map((node) => row(node, at));
  return table("nodes", ["Node", "State", "Since", "Published", "Package"], rows);
}

function row({ id, node }: NumberedNode, at: string): Html {
  const { state, level, since, message, nextTryAt } = node;
  const { word } = NODE_WORDS[state];
  const badge = html`<span class="badge ${colorOf(state, level)}">${word}</span>`;
  const why = html`${badge} ${message}${nextTryAt === undefined ? "" : html` Next try ${due(nextTryAt, at)}.`}`;
  return html`<tr id="${id}">
    <th scope="row">${node.node}</th>
    <td>${state === "covered" ? word : why}</td>
    <td>${relative(since, at)}</td>
    <td>${publishedText(node)}</td>
    <td>${node.package?.slice(0, PACKAGE_DIGITS) ?? ""}</td>
  </tr>`;
}

function publishedText({ published: { state, endpoint } }: NodeStatus): string {
  return endpoint === undefined ? PUBLISHED_WORDS[state] : `${endpoint}, ${PUBLISHED_WORDS[state]}`;
}
