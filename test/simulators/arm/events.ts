import type { Engine } from "./engine.ts";
import type { Write } from "./operations.ts";
import type { Cluster, Pool } from "./world.ts";

type Texts = Record<"topic" | "subject" | "eventType" | "dataVersion", string>;

/** An event as Event Grid delivers it (Event Grid schema). */
export type ArmEvent = Texts & {
  id: string;
  eventTime: string;
  metadataVersion: string;
  data: Record<string, unknown>;
};

/** The claim of an event that has the caller's object id. */
const OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier";

const VERBS: Readonly<Record<string, string>> = { PUT: "Write", POST: "Action", DELETE: "Delete" };

/** Emits the event at the end of a write's operation. It does not contain the change, and there is no start event. */
export function emitWrite(engine: Engine, write: Write, succeeded: boolean): void {
  const { scaleSet, caller, action, method, resource, url } = write;
  emit(engine, {
    topic: `/subscriptions/${scaleSet.subscription}/resourceGroups/${scaleSet.resourceGroup}`,
    subject: resource,
    eventType: `Microsoft.Resources.Resource${VERBS[method]}${succeeded ? "Success" : "Failure"}`,
    data: {
      authorization: { scope: resource, action, evidence: { principalId: caller.oid } },
      claims: { ...caller.claims, [OBJECT_ID]: caller.oid },
      httpRequest: { clientRequestId: engine.flow.guid(), method, url },
      resourceUri: resource,
      operationName: action,
      status: succeeded ? "Succeeded" : "Failed",
      subscriptionId: scaleSet.subscription,
    },
    dataVersion: "2",
  });
}

/** Emits AKS's own event on the cluster's topic about the replacement of nodes; scaling a pool emits none. */
export function emitRolling(engine: Engine, { id: topic, name: subject }: Cluster, pool: Pool, what: string): void {
  const eventType = `Microsoft.ContainerService.NodePoolRolling${what}`;
  emit(engine, { topic, subject, eventType, data: { nodePoolName: pool.name }, dataVersion: "1.0" });
}

function emit({ onEvent, flow }: Engine, event: Texts & { data: Record<string, unknown> }): void {
  onEvent({ id: flow.guid(), eventTime: flow.iso(), metadataVersion: "1", ...event });
}
