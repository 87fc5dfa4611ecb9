import { type Html, html } from "../html.ts";

/** No list of a page is longer; the JSON has all of it. */
const MOST = 250;
const MOST_LINES = 100;

/** A list that is shown in part. */
interface Split<T> {
  readonly shown: readonly T[];
  /** What is shown only under a summary. */
  readonly folded: readonly T[];
  /** The number of items that the page leaves out. */
  readonly cut: number;
}

/** Splits a list after its first items. A few more than those are not worth a summary. */
export function split<T>(items: readonly T[], first: number, most = MOST): Split<T> {
  const at = items.length <= first + 3 ? items.length : first;
  return {
    shown: items.slice(0, Math.min(at, most)),
    folded: items.slice(at, most),
    cut: Math.max(0, items.length - most),
  };
}

/** Renders content under a summary. */
export function fold(summary: string | Html, content: Html | readonly Html[], isOpen = false): Html {
  return html`<details class="fold" ${isOpen ? " open" : ""}>
    <summary>${summary}</summary>
    ${content}
  </details>`;
}

/** Says how many items the page leaves out. */
export function cutNote(cut: number): Html {
  return cut === 0 ? html`` : html`<p class="mute">${cut} more are only in the JSON.</p>`;
}

/** Renders lines of text under a summary. */
export function foldLines(summary: string, lines: readonly string[]): Html {
  const { shown, cut } = split(lines, MOST_LINES, MOST_LINES);
  return fold(
    summary,
    html`<ul class="lines">
        ${shown.map((line) => html`<li>${line}</li>`)}
      </ul>
      ${cutNote(cut)}`,
  );
}
