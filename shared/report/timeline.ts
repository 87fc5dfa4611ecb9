import { HOUR_MS, MINUTE_MS } from "../model/time.ts";
import type { TimelineEvent } from "../model/timeline.ts";
import { capitalize, REASONS } from "./describe.ts";

type Sentence = (event: TimelineEvent) => string;

const SENTENCES: Readonly<Record<TimelineEvent["kind"], Sentence>> = {
  dropped: ({ pool, message }) => `The extension was dropped from ${pool}${cause(message)}.`,
  replaced: (event) => `AKS replaced ${nodes(event)} in ${event.pool}; the exporter is gone${cause(event.message)}.`,
  put: ({ pool, reason, ...event }) =>
    `The app wrote the extension into the model of ${pool} (${reason}, package ${short(event)}).`,
  deleted: ({ pool }) => `The app removed the extension from the model of ${pool}.`,
  failed: (event) =>
    `The ${event.reason === "uninstall" ? "removal" : "installation"} failed on ${nodes(event)} in ${event.pool}.`,
  covered: (event) =>
    `Every node of ${event.pool} has an exporter${lasted(event)}; ${event.nodeMinutes ?? 0} node-minutes were blind.`,
  "package-published": (event) => `Package ${short(event)} was published.`,
  "package-proven": (event) => `Package ${short(event)} is proven: a first instance stayed well with it.`,
  began: (event) => `${subject(event)}.${event.message === undefined ? "" : ` ${capitalize(event.message)}.`}`,
  ended: (event) => `No longer${lasted(event)}: ${subject(event)}.`,
  "pass-failed": ({ message = "" }) => `Passes fail: ${message}`,
  "pass-recovered": (event) => `Passes succeed again${lasted(event)}.`,
};

/** Returns a sentence about an event. */
export function describeEvent(event: TimelineEvent): string {
  return capitalize(SENTENCES[event.kind](event));
}

function subject({ pool, reason, state }: TimelineEvent): string {
  const what = reason ? REASONS[reason] : (state ?? "");
  return pool === undefined ? what : `pool ${pool}: ${what}`;
}

function short({ package: hash = "" }: Pick<TimelineEvent, "package">): string {
  return hash.slice(0, 8);
}

function lasted({ since, at }: TimelineEvent): string {
  return since === undefined ? "" : `, after ${duration(at - since)}`;
}

function cause(message: string | undefined): string {
  return message === undefined ? "" : `, after this operation of AKS: ${message}`;
}

function nodes({ nodes: names = [], count = names.length }: TimelineEvent): string {
  const more = count - names.length;
  return `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function duration(ms: number): string {
  return ms >= 2 * HOUR_MS ? `${Math.round(ms / HOUR_MS)} h` : `${Math.round(ms / MINUTE_MS)} min`;
}
