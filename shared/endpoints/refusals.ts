import type { EndpointsAction } from "../model/action.ts";
import type { ClusterId } from "../model/ids.ts";
import type { EndpointsObserved } from "../model/observed.ts";
import type { Reason } from "../model/reason.ts";
import type { Names } from "../model/refusal.ts";
import { MANAGED_BY, type NodeEndpoint, PAUSED_ANNOTATION, SERVICE_NAME, SLICE_NAMES } from "../model/slice.ts";
import type { Finding, VerdictState } from "../model/verdict.ts";
import type { EndpointsDesired } from "./desired.ts";
import type { EndpointsMemory } from "./memory.ts";

/** The cluster's verdict, with the actions that follow from it. */
export interface Decision {
  readonly state: VerdictState;
  readonly reason?: Reason;
  readonly message?: string;
  readonly names?: Names;
  /** Endpoints for which there is no room. */
  readonly overflow?: readonly NodeEndpoint[];
  readonly actions?: readonly EndpointsAction[];
}

/** Returns why the pass must write nothing, undefined if it may write: the rows of the plan's table up to `paused`. */
export function checkPreconditions(
  desired: EndpointsDesired,
  { service, slices, endpoints }: EndpointsObserved,
): Decision | undefined {
  const { namespace, owner } = desired;
  const serviceText = `the Service ${namespace}/${SERVICE_NAME}`;
  if (!service) {
    const message = `${serviceText} does not exist; apply the manifests again, which is harmless`;
    return { state: "refused", reason: "service-missing", message };
  }
  if (service.hasSelector) {
    const message =
      `${serviceText} has a selector, so Kubernetes overwrites its Endpoints object ` +
      "(commonLabels in a kustomization adds a selector); remove the selector";
    return { state: "refused", reason: "service-selects", message };
  }
  const otherOwner = findOtherOwner(desired, { slices, endpoints });
  if (otherOwner !== undefined && !desired.adopts) {
    const message =
      `endpoint objects of ${serviceText} belong to owner ${otherOwner}, and this app's owner is ${owner}; ` +
      "if the other app no longer runs, take its objects over or delete them";
    return { state: "refused", reason: "another-app", message, names: { owner: otherOwner } };
  }
  if (!service.isPaused) return undefined;
  const message = `the annotation ${PAUSED_ANNOTATION} of ${serviceText} pauses publishing; to resume, remove it`;
  return { state: "waiting", reason: "paused", message };
}

/** Returns the owner of an object that belongs to another copy of the app, undefined if there is none. */
export function findOtherOwner(
  { owner }: EndpointsDesired,
  { slices, endpoints }: Pick<EndpointsObserved, "slices" | "endpoints">,
): string | undefined {
  const owners = [...slices.filter(({ managedBy }) => managedBy === MANAGED_BY), endpoints].map((each) => each?.owner);
  return owners.find((each) => each !== undefined && each !== owner);
}

/** Returns the refusal of a pass in which only the Endpoints object of another program is in the way. */
export function refuseForeignEndpoints({ namespace }: EndpointsDesired): Decision {
  const message =
    `the Endpoints object ${namespace}/${SERVICE_NAME} is not this app's, and Kubernetes mirrors it into ` +
    "EndpointSlices that duplicate scrape targets; delete it";
  return { state: "refused", reason: "another-manager", message, names: { object: SERVICE_NAME } };
}

/** Returns a finding for each object that the last pass left alone because of its other field managers. */
export function findConflicts(
  cluster: ClusterId,
  { namespace }: EndpointsDesired,
  { conflicts }: EndpointsMemory,
): readonly Finding[] {
  return conflicts.map(({ object, managers }) => {
    const kind = object === SERVICE_NAME ? "Endpoints object" : "EndpointSlice";
    const message =
      `fields of the ${kind} ${namespace}/${object} belong to the field managers ${managers.join(", ")}, so the app ` +
      "leaves it as it is; delete it, and the next pass writes it again";
    const subject = { kind: "cluster", cluster } as const;
    return { subject, state: "refused", reason: "another-manager", message, names: { object, managers } };
  });
}

/**
 * Returns a finding for each slice of this app that it no longer updates: one under another name, from an older version
 * for example, or one that has lost its owner label.
 */
export function findOrphaned(
  cluster: ClusterId,
  { owner, namespace }: EndpointsDesired,
  { slices }: EndpointsObserved,
): readonly Finding[] {
  return slices
    .filter(({ managedBy, owner: liveOwner, name }) => {
      const isOrphaned = liveOwner === undefined || (liveOwner === owner && !SLICE_NAMES.includes(name));
      return managedBy === MANAGED_BY && isOrphaned;
    })
    .map(({ name }) => {
      const message = `the app created the EndpointSlice ${namespace}/${name} but no longer updates it; delete it`;
      return { subject: { kind: "cluster", cluster }, state: "orphaned", message, names: { object: name } };
    });
}
