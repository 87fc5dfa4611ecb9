import { ArmError, type Reply } from "../http.ts";
import { startOperation } from "../operations.ts";
import { type Call, route } from "../route.ts";
import type { ScaleSet } from "../world.ts";

const PATH = "/subscriptions/{sub}/providers/Microsoft.Compute/locations/{location}/operations/{operation}";

/** Routes of the status of long-running operations, also through their Location header. */
export const operationRoutes = [route("GET", PATH, status, ["p", "t", "monitor"])];

/** Starts the operation of a write; returns the headers with which the caller polls it. */
export function submit(
  call: Call,
  scaleSet: ScaleSet,
  resource: string,
  work: () => Promise<void>,
): Record<string, string> {
  const { caller, method, action, url, engine } = call;
  const { operation } = startOperation(engine, { scaleSet, caller, method, action, resource, url: url.href }, work);
  const { subscription, location } = scaleSet;
  const names: Readonly<Record<string, string>> = { sub: subscription, location, operation: operation.id };
  const path = PATH.replaceAll(/\{(\w+)\}/g, (_, name: string) => names[name] ?? "");
  const query = `p=${operation.id}&api-version=2026-04-01`;
  return {
    "azure-asyncoperation": `${engine.origin}${path}?${query}`,
    // Responses to POST and DELETE also have a Location header, those to PUT do not.
    ...(method !== "PUT" && { location: `${engine.origin}${path}?monitor=true&${query}` }),
    "retry-after": "10",
  };
}

function status({ engine, names, url }: Call): Reply {
  const operation = engine.world.operations.find(({ id }) => id === names["operation"]?.toLowerCase());
  if (!operation) {
    throw new ArmError(404, { code: "NotFound", message: `Operation ${names["operation"]} was not found.` });
  }
  const { id: name, error, status: shown, startTime: from, endTime: to } = operation;
  // The Location URL returns 200 with an empty body once the operation has finished (recorded).
  if (url.searchParams.get("monitor") === "true") return { status: shown === "InProgress" ? 202 : 200 };
  const endTime = to === undefined ? {} : { endTime: new Date(to).toISOString() };
  const startTime = new Date(from).toISOString();
  return { status: 200, body: { startTime, ...endTime, status: shown, ...(error && { error }), name } };
}
