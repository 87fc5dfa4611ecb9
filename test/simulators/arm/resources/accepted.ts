import type { Engine } from "../engine.ts";
import type { Write } from "../events.ts";
import type { Call } from "../route.ts";
import type { Operation, ScaleSet } from "../world.ts";

/** A request's write on a set, as events tell of it. */
export function writeOf(call: Call, scaleSet: ScaleSet, resource: string): Write {
  const { caller, method, action, url } = call;
  return { scaleSet, caller, method, action, resource, url: url.href };
}

/** The headers by which a caller follows an operation; POST and DELETE carry a Location too, PUT does not. */
export function followUp(
  engine: Engine,
  scaleSet: ScaleSet,
  operation: Operation,
  location: boolean,
): Record<string, string> {
  const { subscription } = scaleSet;
  const path = `/subscriptions/${subscription}/providers/Microsoft.Compute/locations/${scaleSet.location}/operations/${operation.id}`;
  const url = `${engine.origin()}${path}?p=${operation.id}`;
  return {
    "azure-asyncoperation": `${url}&api-version=2026-04-01`,
    "azure-asyncnotification": "Enabled",
    ...(location && { location: `${url}&monitor=true&api-version=2026-04-01` }),
    "retry-after": "10",
    // The operation's id is the request's.
    "x-ms-request-id": operation.id,
  };
}
