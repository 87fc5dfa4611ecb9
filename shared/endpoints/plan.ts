import type { EndpointsAction } from "../model/action.ts";
import type { ClusterId } from "../model/ids.ts";
import type { EndpointsObserved } from "../model/observed.ts";
import type { Plan } from "../model/plan.ts";
import { type Endpoints, type EndpointSlice, type NodeEndpoint, SERVICE_NAME, SLICE_NAMES } from "../model/slice.ts";
import { type EpochMs, MINUTE_MS } from "../model/time.ts";
import { type Finding, toVerdicts } from "../model/verdict.ts";
import { chooseAddresses, type LiveReadiness, type NodeVerdict, readinessKey } from "./addresses.ts";
import type { EndpointsDesired } from "./desired.ts";
import { diffEndpoints, diffSlices, isOurs, type Target } from "./diff.ts";
import type { EndpointsMemory } from "./memory.ts";
import { pack } from "./packing.ts";
import { conflictFinding, type Decision, findOrphaned, refusal } from "./refusals.ts";

/** Fewer than two addresses are no shrinking: a pool of one node may go. */
const SHRINK_AT_LEAST = 2;

/**
 * First row that fits:
 *
 *     observed                                                  plan
 *     --------                                                  ----
 *     no Service                                                refuse service-missing
 *     the Service has a selector                                refuse service-selects
 *     slices or Endpoints of another owner                      refuse another-app
 *     the Service is paused                                     wait paused
 *     most of the published addresses would go, and not seen    wait shrinks
 *       so 60 s ago
 *     the objects differ                                        delete and apply what differs
 *     else                                                      in-sync
 */
export function planEndpoints(
  id: ClusterId,
  desired: EndpointsDesired,
  observed: EndpointsObserved,
  memory: EndpointsMemory,
): Plan<EndpointsAction> {
  const { service, at: now } = observed;
  const family = service?.primaryFamily ?? "IPv4";
  const nodes = chooseAddresses(desired, observed, family, liveReadiness(observed));
  const decision = refusal(desired, observed) ?? converge(desired, observed, memory, nodes);
  const { actions = [], ...verdict } = decision;
  const findings: readonly Finding[] = [
    { subject: { kind: "cluster", cluster: id }, ...verdict },
    ...conflictFinding(id, memory),
    ...findOrphaned(id, desired, observed),
    ...nodes.map(({ node, endpoint, ...rest }): Finding => {
      const published =
        endpoint && `${endpoint.address}:${endpoint.port}, ${endpoint.ready ? "ready" : "not proved yet"}`;
      return {
        subject: { kind: "node", node: node.name },
        ...(published && { message: published }),
        ...withoutNode(rest),
      };
    }),
  ];
  const verdicts = toVerdicts(findings, memory.since, now);
  return { actions, verdicts, requeueAt: now + MINUTE_MS };
}

function withoutNode({ state, reason, message }: Omit<NodeVerdict, "node" | "endpoint">): Omit<Finding, "subject"> {
  return { state, ...(reason && { reason }), ...(message !== undefined && { message }) };
}

function converge(
  desired: EndpointsDesired,
  observed: EndpointsObserved,
  memory: EndpointsMemory,
  nodes: readonly NodeVerdict[],
): Decision {
  const { service, slices, endpoints, at: now } = observed;
  if (!service) return { state: "refused", reason: "service-missing" };
  const target: Target = { service, owner: desired.owner };
  const wanted = nodes.flatMap(({ endpoint }) => (endpoint ? [endpoint] : []));
  const named = slices.filter(({ name }) => SLICE_NAMES.includes(name));
  const own = named.filter((slice) => isOurs(slice, target));
  const guarded = guard(
    desired,
    memory,
    disappearing(wanted, own, isWritten(desired, endpoints) ? endpoints : undefined),
    now,
  );
  if (guarded) return guarded;

  const live = own.map((slice) => ({ ...slice, endpoints: slice.endpoints ?? [] }));
  const foreignNames = named.filter((slice) => !isOurs(slice, target)).map(({ name }) => name);
  const packing = pack(wanted, service.primaryFamily, live, foreignNames);
  const sliceActions = diffSlices(packing.slices, slices, target);
  const endpointsActions = planObject(desired, observed, target, {
    wanted,
    slicesStand: sliceActions.length === 0 && packing.overflow.length === 0,
  });
  const actions = [...sliceActions, ...endpointsActions];
  if (packing.overflow.length > 0) {
    const message = `${packing.overflow.length} addresses find no room in ${SLICE_NAMES.length} slices`;
    return { state: "refused", reason: "too-many", message, actions };
  }
  if (actions.length === 0 && desired.objects === "slices" && endpoints) {
    const message = `somebody else's Endpoints object is mirrored, and doubles targets: kubectl -n ${desired.namespace} delete endpoints ${SERVICE_NAME}`;
    return { state: "refused", reason: "another-manager", message };
  }
  return actions.length === 0
    ? { state: "in-sync", message: `${wanted.length} addresses` }
    : { state: "acting", actions };
}

/** A list that lost most nodes is believed only when another pass, a minute later, sees the same. */
function guard(
  { shrinkGuard }: EndpointsDesired,
  { shrinkSince }: EndpointsMemory,
  { count, of }: { readonly count: number; readonly of: number },
  now: EpochMs,
): Decision | undefined {
  const isSeenBefore = shrinkSince !== undefined && now - shrinkSince >= MINUTE_MS;
  if (count < SHRINK_AT_LEAST || count <= shrinkGuard * of || isSeenBefore) return undefined;
  const message = `${count} of ${of} addresses would go; a pass at least a minute later does it if it still sees so`;
  return { state: "waiting", reason: "shrinks", message };
}

/** The Endpoints object comes last: its targets are in the slices by then. */
function planObject(
  { objects }: EndpointsDesired,
  { endpoints }: EndpointsObserved,
  target: Target,
  { wanted, slicesStand }: { wanted: readonly NodeEndpoint[]; slicesStand: boolean },
): readonly EndpointsAction[] {
  if (objects === "both") return diffEndpoints(wanted, endpoints, target);
  const isOurs = endpoints?.isManaged && endpoints.owner === target.owner;
  if (!isOurs || !slicesStand) return [];
  return [{ kind: "delete-endpoints", resourceVersion: endpoints.resourceVersion }];
}

/** Whether the Endpoints object is this app's to change: with slices alone, only its own is, to delete it. */
function isWritten({ objects, owner }: EndpointsDesired, endpoints: Endpoints | undefined): boolean {
  return objects === "both" || (endpoints?.isManaged === true && endpoints.owner === owner);
}

/** How many of the addresses that are published now would not be any more. */
function disappearing(
  wanted: readonly NodeEndpoint[],
  own: readonly EndpointSlice[],
  endpoints: Endpoints | undefined,
): { readonly count: number; readonly of: number } {
  const published = new Set([...own, endpoints].flatMap((each) => each?.endpoints ?? []).map(({ address }) => address));
  const staying = new Set(wanted.map(({ address }) => address));
  return { count: [...published].filter((address) => !staying.has(address)).length, of: published.size };
}

function liveReadiness({ slices, endpoints }: EndpointsObserved): LiveReadiness {
  const live = [...slices, endpoints].flatMap((each) => each?.endpoints ?? []);
  const ready = new Map<string, boolean>();
  for (const each of live) {
    const key = readinessKey(each.uid, each.port);
    ready.set(key, each.ready || ready.get(key) === true);
  }
  return ready;
}
