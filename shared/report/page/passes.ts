import { type Html, html } from "../html.ts";
import type { ClusterStatus, Condition, PassStatus } from "../status.ts";
import { foldLines } from "./fold.ts";
import { table } from "./table.ts";
import { due, relative, relativeTime } from "./times.ts";

/** Renders the last and the next pass of each flow. */
export function renderPasses(passes: readonly PassStatus[], at: string): Html {
  if (passes.length === 0) return html``;
  return html`<h3>Passes</h3>
    ${table(
      "passes",
      ["Flow", "Last", "Next", "Result"],
      passes.map((pass) => passRow(pass, at)),
    )}`;
}

function passRow({ flow, endedAt, cause, requeueAt, result, level }: PassStatus, at: string): Html {
  const by = cause === undefined ? "" : `, by ${cause}`;
  const last = endedAt === undefined ? "never" : html`${relative(endedAt, at)}${by}`;
  const next = requeueAt === undefined ? "now" : due(requeueAt, at);
  const dot = html`<span class="dot ${level}"></span>`;
  return html`<tr>
    <td>${flow}</td>
    <td>${last}</td>
    <td>${next}</td>
    <td>${level === "well" ? "" : dot} ${result}</td>
  </tr>`;
}

/** Renders what the passes found and did, folded. */
export function renderDetails({ conditions, pools, passes }: ClusterStatus, at: string): Html {
  const all = [...conditions, ...pools.flatMap((pool) => pool.conditions)];
  const lists = [
    { title: "Conditions of the cluster and its pools", lines: all.map((each) => conditionText(each, at)) },
    ...passes.flatMap(({ flow, warnings, outcomes, observed }) => [
      { title: `Warnings of the ${flow} pass`, lines: warnings },
      { title: `What the ${flow} pass did`, lines: outcomes },
      { title: `What the ${flow} pass observed`, lines: observed },
    ]),
  ].filter(({ lines }) => lines.length > 0);
  if (lists.length === 0) return html``;
  return html`<h3>Details</h3>
    ${lists.map(({ title, lines }) => foldLines(`${title} (${lines.length})`, lines))}`;
}

function conditionText({ subject, state, reason, message, since }: Condition, at: string): string {
  return `${subject}: ${state}${reason === undefined ? "" : ` (${reason})`}, since ${relativeTime(since, at)}. ${message}`;
}
