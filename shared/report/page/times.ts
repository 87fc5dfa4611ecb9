import { html, type Html } from "../html.ts";

const UNITS = [
  { name: "d", ms: 86_400_000 },
  { name: "h", ms: 3_600_000 },
  { name: "min", ms: 60_000 },
] as const;

const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** Returns how far a time is from `at`, for example "12 min ago", "in 1 h 5 min" or "now". */
export function relativeTime(iso: string, at: string): string {
  const ms = Date.parse(iso) - Date.parse(at);
  const minutes = Math.floor(Math.abs(ms) / 60_000);
  if (minutes === 0) return "now";
  const text = duration(minutes * 60_000);
  return ms < 0 ? `${text} ago` : `in ${text}`;
}

/** Renders a time as its distance from `at`, with the time in UTC as the title. */
export function relative(iso: string, at: string): Html {
  return element(iso, relativeTime(iso, at));
}

/** Renders when a pass or a try is due; a time that has passed is due now. */
export function due(iso: string, at: string): Html {
  return element(iso, Date.parse(iso) <= Date.parse(at) ? "now" : relativeTime(iso, at));
}

/** Renders a time in UTC. */
export function utc(iso: string): Html {
  return element(iso, utcText(iso));
}

/** Renders the time of day in UTC, after the date if that is not the day of `at`. */
export function clock(iso: string, at: string): Html {
  const time = iso.slice(11, 16);
  return element(iso, iso.slice(0, 10) === at.slice(0, 10) ? time : `${DATE.format(Date.parse(iso))} ${time}`);
}

function element(iso: string, text: string): Html {
  return html`<time datetime="${iso.replace(/\.\d+/, "")}" title="${utcText(iso)}">${text}</time>`;
}

function utcText(iso: string): string {
  return `${iso.slice(0, 19).replace("T", " ")} UTC`;
}

/** Returns days, hours and minutes: the largest unit, and below 10 of it the next one. */
function duration(ms: number): string {
  const first = UNITS.findIndex((unit) => ms >= unit.ms);
  const [large, small] = UNITS.slice(first);
  if (!large) return "";
  const count = Math.floor(ms / large.ms);
  const rest = small && count < 10 ? Math.floor((ms % large.ms) / small.ms) : 0;
  return small && rest > 0 ? `${count} ${large.name} ${rest} ${small.name}` : `${count} ${large.name}`;
}
