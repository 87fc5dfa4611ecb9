import type { EndpointsAction } from "../model/action.ts";
import type { ClusterId } from "../model/ids.ts";
import type { EndpointsObserved } from "../model/observed.ts";
import { byText } from "../model/order.ts";
import type { Plan } from "../model/plan.ts";
import { type Endpoints, ENDPOINTS_PER_SLICE, type NodeEndpoint, SLICE_NAMES } from "../model/slice.ts";
import { type EpochMs, MINUTE_MS } from "../model/time.ts";
import { type Finding, toVerdicts } from "../model/verdict.ts";
import { chooseAddresses, type LiveReadiness, readinessKey } from "./addresses.ts";
import type { EndpointsDesired } from "./desired.ts";
import { claimFirst, diffEndpoints, diffSlices, isOwnSlice, type Ownership } from "./diff.ts";
import type { EndpointsMemory } from "./memory.ts";
import { type AnyVerdict, nodeFindings } from "./node-finding.ts";
import { pack } from "./packing.ts";
import {
  checkPreconditions,
  type Decision,
  findConflicts,
  findOrphaned,
  findOtherOwner,
  refuseForeignEndpoints,
} from "./refusals.ts";
import { leaveOutRefused } from "./refused.ts";
import { keepUnreadable } from "./unreadable.ts";

/** SHRINK_GUARD never holds back the removal of a single address, so that a pool of one node can be deleted. */
const MIN_GUARDED_REMOVALS = 2;

/**
 * Returns the plan of a pass. The first matching row applies:
 *
 *     observed                                                    plan
 *     --------                                                    ----
 *     the Service does not exist                                  refused service-missing
 *     the Service has a selector                                  refused service-selects
 *     EndpointSlices or Endpoints have another owner's label      refused another-app, unless the pass adopts
 *     the Service has the annotation that pauses publishing       waiting paused
 *     the pass would remove more published addresses than         waiting shrinks
 *       SHRINK_GUARD allows, and no pass at least 60 s ago was
 *       held back for that, with no other outcome since
 *     more addresses than the slices hold                         refused too-many, and publishes the others
 *     the objects differ, or the pass adopts some                 acting: claims the Service, then deletes and
 *                                                                   applies what differs
 *     SCRAPE_OBJECTS is slices, and another's Endpoints object    refused another-manager
 *       exists
 *     else                                                        in-sync
 */
export function planEndpoints(
  id: ClusterId,
  desired: EndpointsDesired,
  observed: EndpointsObserved,
  memory: EndpointsMemory,
): Plan<EndpointsAction> {
  const { service, at: now } = observed;
  const family = service?.primaryFamily ?? "IPv4";
  const live = liveReadiness(observed);
  const readable = chooseAddresses(desired, observed, family, live);
  const unreadable = keepUnreadable(desired, observed, readable, { family, live });
  const nodes: readonly AnyVerdict[] = [...readable, ...unreadable]
    .map(leaveOutRefused(memory.refused, now))
    .toSorted(byText(({ node }) => node.name));
  const decision = checkPreconditions(desired, observed) ?? converge(desired, observed, memory, nodes);
  const { actions = [], overflow = [], ...clusterFinding } = decision;
  const findings: readonly Finding[] = [
    { subject: { kind: "cluster", cluster: id }, ...clusterFinding },
    // The objects are then another owner's, whose verdict has the remedy.
    ...(clusterFinding.reason === "another-app" || desired.adopts ? [] : findConflicts(id, desired, memory)),
    ...findOrphaned(id, desired, observed),
    ...nodes.map(nodeFindings(desired, observed, overflow)),
  ];
  const verdicts = toVerdicts(findings, memory.since, now);
  return { actions, verdicts, requeueAt: now + MINUTE_MS };
}

function converge(
  desired: EndpointsDesired,
  observed: EndpointsObserved,
  memory: EndpointsMemory,
  nodes: readonly AnyVerdict[],
): Decision {
  const { service, slices, endpoints, at: now } = observed;
  if (!service) return { state: "refused", reason: "service-missing" };
  const { owner, adopts = false } = desired;
  const ownership: Ownership = { service, owner, adopts };
  const published = nodes.flatMap(({ endpoint }) => (endpoint ? [endpoint] : []));
  const named = slices.filter(({ name }) => SLICE_NAMES.includes(name));
  const own = named.filter((slice) => isOwnSlice(slice, ownership));
  const guarded = checkShrinkGuard(desired, memory, countRemovals(desired, observed, published), now);
  if (guarded?.state === "waiting") return guarded;

  const live = own.map((slice) => ({ ...slice, endpoints: slice.endpoints ?? [] }));
  const foreignNames = named.filter((slice) => !isOwnSlice(slice, ownership)).map(({ name }) => name);
  const packing = pack(published, service.primaryFamily, live, foreignNames);
  const sliceActions = diffSlices(packing.slices, slices, ownership);
  const endpointsActions = planEndpointsObject(desired, observed, ownership, {
    published,
    slicesInSync: sliceActions.length === 0 && packing.overflow.length === 0,
  });
  const actions = claimFirst([...sliceActions, ...endpointsActions], packing.slices, own, ownership);
  if (packing.overflow.length > 0) {
    const message =
      `${packing.overflow.length} addresses do not fit into the ${SLICE_NAMES.length} EndpointSlices of the app, ` +
      `each of at most ${ENDPOINTS_PER_SLICE} addresses and one port; exclude node pools with POOLS or SCRAPE_SOURCES`;
    return { state: "refused", reason: "too-many", message, actions, overflow: packing.overflow };
  }
  if (actions.length > 0) return { state: "acting", ...adoption(desired, observed), ...guarded, actions };
  return desired.objects === "slices" && endpoints
    ? refuseForeignEndpoints(desired)
    : { state: "in-sync", message: `${published.length} published addresses` };
}

/**
 * Returns a wait if the pass would remove too many addresses; if a pass at least a minute ago would have too, the decision
 * to act.
 */
function checkShrinkGuard(
  { shrinkGuard }: EndpointsDesired,
  { shrinkSince }: EndpointsMemory,
  { removed, total }: { readonly removed: number; readonly total: number },
  now: EpochMs,
): Decision | undefined {
  const isConfirmed = shrinkSince !== undefined && now - shrinkSince >= MINUTE_MS;
  if (removed < MIN_GUARDED_REMOVALS || removed <= shrinkGuard * total) return undefined;
  if (isConfirmed) {
    return { state: "acting", reason: "shrinks", message: `removes ${removed} of ${total} published addresses` };
  }
  const message =
    `${removed} of ${total} published addresses would be removed, ` +
    `and SHRINK_GUARD allows ${Math.round(shrinkGuard * 100)}% at once; ` +
    `a pass at least a minute later removes them unless their nodes are back`;
  return { state: "waiting", reason: "shrinks", message };
}

/** Returns the actions on the Endpoints object, which follow those on the slices: the slices then have its targets. */
function planEndpointsObject(
  desired: EndpointsDesired,
  { endpoints }: EndpointsObserved,
  ownership: Ownership,
  { published, slicesInSync }: { published: readonly NodeEndpoint[]; slicesInSync: boolean },
): readonly EndpointsAction[] {
  if (desired.objects === "both") return diffEndpoints(published, endpoints, ownership);
  if (!endpoints || !mayWriteEndpoints(desired, endpoints) || !slicesInSync) return [];
  return [{ kind: "delete-endpoints", resourceVersion: endpoints.resourceVersion }];
}

/** Returns whether the app may change the live Endpoints object: with `slices`, only its own, to delete it. */
function mayWriteEndpoints({ objects, owner, adopts }: EndpointsDesired, endpoints: Endpoints | undefined): boolean {
  return objects === "both" || adopts === true || (endpoints?.isManaged === true && endpoints.owner === owner);
}

/** Counts the addresses in the live objects, and those of them that the pass would remove. */
function countRemovals(
  desired: EndpointsDesired,
  { slices, endpoints }: EndpointsObserved,
  published: readonly NodeEndpoint[],
): { readonly removed: number; readonly total: number } {
  // What an operator has the app take over is not yet its own.
  const { owner } = desired;
  const own = slices.filter((each) => SLICE_NAMES.includes(each.name) && isOwnSlice(each, { owner }));
  const object = mayWriteEndpoints({ ...desired, adopts: false }, endpoints) ? endpoints : undefined;
  const live = new Set([...own, object].flatMap((each) => each?.endpoints ?? []).map(({ address }) => address));
  const remaining = new Set(published.map(({ address }) => address));
  return { removed: [...live].filter((address) => !remaining.has(address)).length, total: live.size };
}

function adoption(desired: EndpointsDesired, observed: EndpointsObserved): Pick<Decision, "reason"> {
  return findOtherOwner(desired, observed) === undefined ? {} : { reason: "adopted" };
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
