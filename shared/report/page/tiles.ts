import { type Html, html } from "../html.ts";
import { byLevel, worstOf } from "../levels.ts";
import { NODE_STATES, type ClusterStatus, type NodeCounts, type NodeState } from "../status.ts";
import type { NumberedNode, NumberedPool } from "./numbered.ts";
import { colorOf, NODE_WORDS, plural, poolName } from "./words.ts";

/** A pool of more nodes has tiles only for those that need attention most. */
const MOST_TILES = 120;
/** A pool of more nodes has small tiles on a phone, so that its problems stay on the first screen. */
const MANY = 30;

/** Renders the number of nodes in each state; it is also the legend of the tiles. */
export function renderCounts({ counts, pools }: ClusterStatus): Html {
  const nodes = pools.flatMap((pool) => pool.nodes);
  const items = statesOf(counts).map(({ state, words, count }) => {
    const level = worstOf(nodes.filter((node) => node.state === state).map((node) => node.level));
    return html`<li>
      <span class="tile ${colorOf(state, level)}" aria-hidden="true">${NODE_WORDS[state].sign}</span>
      <span><b>${count}</b> ${words}</span>
    </li>`;
  });
  return items.length === 0
    ? html``
    : html`<ul class="counts">
        ${items}
      </ul>`;
}

/** Returns the numbers as text, for example "1 failed, 17 covered". */
export function countsText(counts: NodeCounts): string {
  return statesOf(counts)
    .map(({ count, words }) => `${count} ${words}`)
    .join(", ");
}

/** Renders a tile for each node, by pool. */
export function renderTiles(pools: readonly NumberedPool[]): Html {
  const rows = pools.filter(({ nodes }) => nodes.length > 0).map(tilesOf);
  return rows.length === 0
    ? html``
    : html`<ul class="tiles">
        ${rows}
      </ul>`;
}

function tilesOf({ pool, nodes }: NumberedPool): Html {
  const shown =
    nodes.length > MOST_TILES ? nodes.toSorted((a, b) => byLevel(a.node, b.node)).slice(0, MOST_TILES) : nodes;
  const more = nodes.length - shown.length;
  return html`<li>
    <span
      ><b><bdi>${poolName(pool.pool)}</bdi></b> <span class="mute">${plural(nodes.length, "node")}</span></span
    >
    <div class="${nodes.length > MANY ? "many" : ""}">
      ${shown.map(tile)}${more > 0 ? html`<span class="mute">and ${more} more</span>` : ""}
    </div>
  </li>`;
}

function tile({ id, node: { node, state, level } }: NumberedNode): Html {
  const { word, sign } = NODE_WORDS[state];
  const label = `${node}: ${word}`;
  return html`<a class="${colorOf(state, level)}" href="#${id}" aria-label="${label}" title="${label}">${sign}</a>`;
}

/** Returns the states that have nodes, in the order of attention that they need. */
function statesOf(counts: NodeCounts) {
  const order = Object.keys(NODE_WORDS);
  return NODE_STATES.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)).flatMap((state: NodeState) => {
    const count = counts[state] ?? 0;
    const { word, many = word } = NODE_WORDS[state];
    return count > 0 ? [{ state, count, words: count === 1 ? word : many }] : [];
  });
}
