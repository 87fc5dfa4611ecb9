import type { ClusterId, NodeName, ScaleSetId } from "./ids.ts";
import type { Reason } from "./reason.ts";
import type { InstanceRef } from "./scale-set.ts";
import type { EpochMs } from "./time.ts";

export type Subject =
  | { readonly kind: "cluster"; readonly cluster: ClusterId }
  | { readonly kind: "scale-set"; readonly scaleSet: ScaleSetId; readonly pool: string }
  | ({ readonly kind: "instance" } & InstanceRef)
  | { readonly kind: "node"; readonly node: NodeName };

/** States of a cluster and a scale set, an instance, a node, and the cluster's endpoint objects, in this order. */
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

/** A planner's finding about one subject, as in a Kubernetes Condition. */
export interface Finding {
  readonly subject: Subject;
  readonly state: VerdictState;
  readonly reason?: Reason;
  /** Message for operators, without secrets. */
  readonly message?: string;
}

/** A finding and since when it has held. */
export interface Verdict extends Finding {
  readonly since: EpochMs;
}

/** Since when each verdict has held, by subject, state and reason. */
export type Since = Readonly<Record<string, EpochMs>>;

/** Adds to each finding since when it has held: the first of the consecutive passes that found it, or `now`. */
export function toVerdicts(findings: readonly Finding[], since: Since, now: EpochMs): readonly Verdict[] {
  return findings.map((finding) => ({ ...finding, since: since[findingKey(finding)] ?? now }));
}

/** Returns what memory keeps of a pass's verdicts for the next pass. */
export function sinceOf(verdicts: readonly Verdict[]): Since {
  return Object.fromEntries(verdicts.map((verdict) => [findingKey(verdict), verdict.since]));
}

function findingKey({ subject, state, reason }: Finding): string {
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
