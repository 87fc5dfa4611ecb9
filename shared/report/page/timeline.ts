import { type Html, html } from "../html.ts";
import type { ClusterStatus } from "../status.ts";
import { cutNote, fold, split } from "./fold.ts";
import { clock } from "./times.ts";

type Entry = ClusterStatus["timeline"][number];

const SHOWN_ENTRIES = 6;
const MOST_ENTRIES = 40;

/** Renders what happened, the latest first. */
export function renderTimeline(entries: readonly Entry[], at: string): Html {
  if (entries.length === 0) return html``;
  const { shown, folded, cut } = split(entries, SHOWN_ENTRIES, MOST_ENTRIES);
  return html`<h3>Timeline <span class="mute">(UTC)</span></h3>
    ${list(shown, at)} ${folded.length > 0 ? fold(`${folded.length} earlier`, list(folded, at)) : ""} ${cutNote(cut)}`;
}

function list(entries: readonly Entry[], at: string): Html {
  return html`<ol class="timeline">
    ${entries.map((entry) => html`<li><span class="mute">${clock(entry.at, at)}</span><span>${entry.text}</span></li>`)}
  </ol>`;
}
