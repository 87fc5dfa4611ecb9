import { type Html, html } from "../html.ts";
import { LEVELS, type Level } from "../levels.ts";
import type { Problem } from "../status.ts";
import { cutNote, fold, split } from "./fold.ts";
import { clock, due, relative } from "./times.ts";
import { LEVEL_WORDS, plural } from "./words.ts";

/** What a problem is rendered with: the time of the status, and the IDs of the nodes' rows by name. */
interface ProblemContext {
  readonly at: string;
  readonly ids: ReadonlyMap<string, string>;
}

const SHOWN_PROBLEMS = 8;
const SHOWN_NODES = 6;

/** Renders what is wrong by level, trouble first. */
export function renderProblems(problems: readonly Problem[], context: ProblemContext): Html {
  const groups = LEVELS.map((level) => group(level, problems, context));
  return html`${groups}`;
}

function group(level: Level, problems: readonly Problem[], context: ProblemContext): Html {
  const those = problems.filter((problem) => problem.level === level).map((problem) => renderProblem(problem, context));
  if (those.length === 0) return html``;
  const { shown, folded, cut } = split(those, SHOWN_PROBLEMS);
  return html`<h3>${LEVEL_WORDS[level]}</h3>
    <ul>
      ${shown}
    </ul>
    ${
      folded.length > 0
        ? fold(
            `${folded.length} more`,
            html`<ul>
              ${folded}
            </ul>`,
          )
        : ""
    }
    ${cutNote(cut)}`;
}

function renderProblem(problem: Problem, context: ProblemContext): Html {
  const { level, title, message, remedy } = problem;
  return html`<li class="problem ${level}">
    <h4>${title}</h4>
    <p class="mute">${timesOf(problem, context.at)}</p>
    ${message === title ? "" : html`<p>${message}</p>`} ${nodesOf(problem, context.ids)}
    ${remedy ? html`<p>${remedy.text}</p>` : ""}
    ${remedy?.command === undefined ? "" : html`<pre><code>${remedy.command}</code></pre>`}
  </li>`;
}

function timesOf({ level, since, nextTryAt, healsItself }: Problem, at: string): Html {
  const next = nextTryAt === undefined ? "" : html` · next try ${due(nextTryAt, at)}`;
  // A retry of what failed is no promise.
  const does = level === "trouble" ? "may heal" : "heals";
  const heals = `${healsItself ? does : "does not heal"} by itself`;
  return html`since ${clock(since, at)} UTC, ${relative(since, at)}${next} · <b>${heals}</b>`;
}

/** Names the first nodes; the tiles and the tables have all of them. */
function nodesOf({ nodes, pool }: Problem, ids: ReadonlyMap<string, string>): Html {
  if (nodes.length === 0) return html``;
  const { shown, folded, cut } = split(nodes, SHOWN_NODES);
  const names = shown.map((name, index) => {
    const id = ids.get(name);
    const text = html`<bdi>${name}</bdi>`;
    return html`${index > 0 ? ", " : ""}${id === undefined ? text : html`<a href="#${id}">${text}</a>`}`;
  });
  const more = folded.length + cut;
  const where = pool ? ` of ${pool}` : "";
  return html`<p>${plural(nodes.length, "node")}${where}: ${names}${more > 0 ? ` and ${more} more` : ""}</p>`;
}
