import { type Html, html } from "../../../shared/report/html.ts";
import type { Line } from "../feed.ts";

/** Renders a line of the feed. */
export function renderLine({ at, who, text, level }: Line): Html {
  return html`<li class="${who}">
    <time class="mute" datetime="${at}">${at.slice(11, 16)}</time>
    <span><span class="badge ${level ?? COLORS[who]}">${who}</span></span>
    <span>${text}</span>
  </li>`;
}

const COLORS: Readonly<Record<Line["who"], string>> = {
  story: "working",
  you: "apart",
  AKS: "waiting",
  nodes: "apart",
  app: "working",
};
