import type { Caller, Engine } from "./engine.ts";
import type { Cluster, Pool, ScaleSet } from "./world.ts";

/** An event as Event Grid delivers it (Event Grid schema). */
export interface ArmEvent {
  id: string;
  topic: string;
  subject: string;
  eventType: string;
  eventTime: string;
  data: Record<string, unknown>;
  dataVersion: string;
  metadataVersion: string;
}

/** A write as events and journal tell of it. */
export interface Write {
  scaleSet: ScaleSet;
  caller: Caller;
  method: string;
  action: string;
  /** The resource written: a scale set, or an extension of one. */
  resource: string;
  url: string;
  body?: unknown;
}

/** The claim by which events name the caller's object id. */
const OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier";

const VERBS: Readonly<Record<string, string>> = { PUT: "Write", PATCH: "Write", POST: "Action", DELETE: "Delete" };

/** Raised when a write's operation ends; it does not say what changed (there is no "started" event). */
export function resourceEvent(engine: Engine, write: Write, succeeded: boolean): ArmEvent {
  const { scaleSet, caller, action } = write;
  return {
    id: engine.flow.guid(),
    topic: `/subscriptions/${scaleSet.subscription}/resourceGroups/${scaleSet.resourceGroup}`,
    subject: write.resource,
    eventType: `Microsoft.Resources.Resource${VERBS[write.method] ?? "Action"}${succeeded ? "Success" : "Failure"}`,
    eventTime: engine.flow.iso(),
    data: {
      authorization: { scope: write.resource, action, evidence: { principalId: caller.oid } },
      claims: { ...caller.claims, [OBJECT_ID]: caller.oid },
      correlationId: engine.flow.guid(),
      httpRequest: { clientRequestId: engine.flow.guid(), clientIpAddress: "", method: write.method, url: write.url },
      resourceProvider: "Microsoft.Compute",
      resourceUri: write.resource,
      operationName: action,
      status: succeeded ? "Succeeded" : "Failed",
      subscriptionId: scaleSet.subscription,
      tenantId: caller.claims["tid"] ?? "",
    },
    dataVersion: "2",
    metadataVersion: "1",
  };
}

/** AKS's own events on the cluster's topic while nodes are replaced; a plain scale raises none. */
export function rollingEvent(
  engine: Engine,
  cluster: Cluster,
  pool: Pool,
  what: "Started" | "Succeeded" | "Failed",
): ArmEvent {
  return {
    id: engine.flow.guid(),
    topic: cluster.id,
    subject: cluster.name,
    eventType: `Microsoft.ContainerService.NodePoolRolling${what}`,
    eventTime: engine.flow.iso(),
    data: { nodePoolName: pool.name },
    dataVersion: "1.0",
    metadataVersion: "1",
  };
}
