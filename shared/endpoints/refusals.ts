import type { EndpointsAction } from "../model/action.ts";
import type { ClusterId } from "../model/ids.ts";
import type { EndpointsObserved } from "../model/observed.ts";
import type { Reason } from "../model/reason.ts";
import { MANAGER, PAUSED_ANNOTATION, SERVICE_NAME, SLICE_NAMES } from "../model/slice.ts";
import type { Finding, VerdictState } from "../model/verdict.ts";
import type { EndpointsDesired } from "./desired.ts";
import type { EndpointsMemory } from "./memory.ts";

/** What is thought of the cluster's objects as a whole. */
export interface Decision {
  readonly state: VerdictState;
  readonly reason?: Reason;
  readonly message?: string;
  readonly actions?: readonly EndpointsAction[];
}

/** Why nothing must be written: the first four rows of the plan's table. */
export function refusal(
  desired: EndpointsDesired,
  { service, slices, endpoints }: EndpointsObserved,
): Decision | undefined {
  const { namespace, owner } = desired;
  if (!service) {
    const message = `there is no Service ${namespace}/${SERVICE_NAME}; kubectl apply -k infra/kubernetes/base`;
    return { state: "refused", reason: "service-missing", message };
  }
  if (service.hasSelector) {
    const message =
      `with a selector Kubernetes empties the Endpoints itself (a kustomize commonLabels adds one): ` +
      `kubectl -n ${namespace} patch service ${SERVICE_NAME} --type=json -p '[{"op":"remove","path":"/spec/selector"}]'`;
    return { state: "refused", reason: "service-selects", message };
  }
  const other =
    slices.find((slice) => slice.managedBy === MANAGER && slice.owner !== undefined && slice.owner !== owner)?.owner ??
    (endpoints?.owner !== undefined && endpoints.owner !== owner ? endpoints.owner : undefined);
  if (other !== undefined) {
    return { state: "refused", reason: "another-app", message: `the objects belong to ${other}, this app is ${owner}` };
  }
  if (!service.isPaused) return undefined;
  const message = `kubectl -n ${namespace} annotate service ${SERVICE_NAME} ${PAUSED_ANNOTATION}- to go on`;
  return { state: "waiting", reason: "paused", message };
}

/** What another field manager refused, in the API server's words. */
export function conflictFinding(cluster: ClusterId, { conflict }: EndpointsMemory): readonly Finding[] {
  if (conflict === undefined) return [];
  return [{ subject: { kind: "cluster", cluster }, state: "refused", reason: "another-manager", message: conflict }];
}

/** Ours under another name, an older version's for example; or ours, and a hand took its label away. */
export function findOrphaned(
  cluster: ClusterId,
  { owner, namespace }: EndpointsDesired,
  { slices }: EndpointsObserved,
): readonly Finding[] {
  return slices
    .filter(({ managedBy, owner: theirs, name }) => {
      const isLeft = theirs === undefined || (theirs === owner && !SLICE_NAMES.includes(name));
      return managedBy === MANAGER && isLeft;
    })
    .map(({ name }) => {
      const message = `endpointslice ${name}: kubectl -n ${namespace} delete endpointslice ${name}`;
      return { subject: { kind: "cluster", cluster }, state: "orphaned", message };
    });
}
