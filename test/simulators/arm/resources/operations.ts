import type { Engine } from "../engine.ts";
import { ArmError } from "../http.ts";
import type { Reply } from "../http.ts";
import type { Call, Route } from "../route.ts";
import type { Operation } from "../world.ts";

/** The status of long-running operations, and what their Location answers. */
export const operationRoutes: readonly Route[] = [
  {
    method: "GET",
    action: "Microsoft.Compute/locations/operations/read",
    path: "/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}/operations/{operation}",
    query: ["p", "monitor"],
    bucket: "GetOperation30Min",
    ownerOf: (engine, names) => find(engine, names)?.owner,
    handle: status,
  },
];

function find(engine: Engine, names: Readonly<Record<string, string>>): Operation | undefined {
  return engine.world.operations.find(({ id }) => id === names["operation"]?.toLowerCase());
}

function status({ engine, names, url }: Call): Reply {
  const operation = find(engine, names);
  if (!operation) {
    throw new ArmError(404, { code: "NotFound", message: `Operation ${names["operation"]} was not found.` });
  }
  const running = operation.status === "InProgress";
  // The Location answers 200 with an empty body once all is over (recorded).
  if (url.searchParams.get("monitor") === "true") return { status: running ? 202 : 200 };
  operation.polls += 1;
  const body = {
    startTime: localTime(operation.startTime),
    ...(operation.endTime !== undefined && { endTime: localTime(operation.endTime) }),
    status: operation.status,
    ...(operation.error && { error: operation.error }),
    name: operation.id,
  };
  // Only the first poll named a pause in the recordings, 51 s for an extension.
  return { status: 200, body, ...(running && operation.polls === 1 && { headers: { "retry-after": "51" } }) };
}

/** Operation times come with a local offset. */
function localTime(at: number): string {
  const shifted = new Date(at - 7 * 3_600_000).toISOString();
  return `${shifted.slice(0, -1)}0000-07:00`;
}
