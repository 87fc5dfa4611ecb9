import { redact } from "../../model/redact.ts";
import type { InstanceExtension } from "../../model/scale-set.ts";
import type { ExtensionView, Resource, Status } from "./compute-schemas.ts";
import { parseTag } from "./extension-tag.ts";

/** Converts an extension of an instance view, with its resource in the instance's `resources`, if that shows it. */
export function toInstanceExtension(
  { name, statuses, substatuses }: ExtensionView,
  resource: Resource | undefined,
): InstanceExtension {
  const { code = "", message = "", time } = newestOf(statuses) ?? {};
  return {
    name,
    state: stateOf(code),
    message: redact(message),
    at: time,
    tag: parseTag(resource?.forceUpdateTag),
    settings: resource?.settings,
    logs: substatuses.map(({ message: text = "" }) => redact(text)),
  };
}

/** What counts among statuses whose order is not known: a run that has not ended, then one that failed. */
const BY_CONCERN: readonly InstanceExtension["state"][] = ["transitioning", "failed", "succeeded"];

/**
 * Returns the newest of several statuses. Azure does not document their order, and a status may have no time: then the
 * one that is the most reason to wait counts.
 */
function newestOf(statuses: readonly Status[]): Status | undefined {
  const [newest] = statuses.toSorted((a, b) => compareTimes(timeOf(b), timeOf(a)) || concernOf(a) - concernOf(b));
  return newest;
}

/** A status without a time may be the newest. */
function timeOf({ time }: Status): number {
  return time ?? Number.POSITIVE_INFINITY;
}

function compareTimes(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

function concernOf({ code = "" }: Status): number {
  return BY_CONCERN.indexOf(stateOf(code));
}

/** Returns the state for a status code, such as `ProvisioningState/succeeded` or `ProvisioningState/failed/1004`. */
function stateOf(code: string): InstanceExtension["state"] {
  if (/^provisioningstate\/succeeded/i.test(code)) return "succeeded";
  return /^provisioningstate\/failed/i.test(code) ? "failed" : "transitioning";
}
