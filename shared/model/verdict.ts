import type { ClusterId, NodeName, ScaleSetId } from "./ids.ts";
import type { Reason } from "./reason.ts";
import type { InstanceRef } from "./scale-set.ts";
import type { EpochMs } from "./time.ts";

export type Subject =
  | { readonly kind: "cluster"; readonly cluster: ClusterId }
  | { readonly kind: "scale-set"; readonly scaleSet: ScaleSetId; readonly pool: string }
  | ({ readonly kind: "instance" } & InstanceRef)
  | { readonly kind: "node"; readonly node: NodeName };

/** States of a cluster, a scale set, an instance, a node, in this order. */
export type VerdictState =
  | "package-unusable"
  | "waiting"
  | "refused"
  | "degraded"
  | "acting"
  | "converging"
  | "at-rest"
  | "unmanaged"
  | InstanceState
  | "published"
  | "unpublished"
  | "excluded"
  | "uncovered"
  | "in-sync"
  | "orphaned";

export type InstanceState =
  | "unknown"
  | "installing"
  | "stuck"
  | "current"
  | "awaiting-aks"
  | "protected"
  | "no-effect"
  | "failed"
  | "unproven"
  | "outdated";

/** What the plan says of one thing, and since when. */
export interface Verdict {
  readonly subject: Subject;
  readonly state: VerdictState;
  readonly reason?: Reason;
  /** What was found, in words, without secrets. */
  readonly message?: string;
  readonly since: EpochMs;
}

/** Names a verdict in memory: a subject, its state and the reason. */
export function verdictKey({ subject, state, reason }: Pick<Verdict, "subject" | "state" | "reason">): string {
  return `${subjectKey(subject)} ${state} ${reason ?? ""}`;
}

function subjectKey(subject: Subject): string {
  switch (subject.kind) {
    case "cluster":
      return subject.cluster;
    case "scale-set":
      return subject.scaleSet;
    case "instance":
      return subject.vmId;
    case "node":
      return subject.node;
    default:
      return subject satisfies never;
  }
}
