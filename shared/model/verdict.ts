import * as v from "valibot";
import { clusterId, nodeName, scaleSetId } from "./ids.ts";
import { storedReason } from "./reason.ts";
import { INSTANCE_REF_FIELDS } from "./scale-set.ts";
import { epochMs, object } from "./schema.ts";
import type { EpochMs } from "./time.ts";

const subject = v.variant("kind", [
  object({ kind: v.literal("cluster"), cluster: clusterId }),
  object({ kind: v.literal("scale-set"), scaleSet: scaleSetId, pool: v.string() }),
  object({ kind: v.literal("instance"), ...INSTANCE_REF_FIELDS }),
  object({ kind: v.literal("node"), node: nodeName }),
]);

export type Subject = v.InferOutput<typeof subject>;

const instanceState = v.picklist([
  "not-running",
  "unknown",
  "current",
  "installing",
  "awaiting-aks",
  "protected",
  "failed",
  "unproven-health",
  "unknown-package",
  "outdated",
]);

export type InstanceState = v.InferOutput<typeof instanceState>;

/** States of a cluster and a scale set, an instance, a node, and the cluster's endpoint objects, in this order. */
const verdictState = v.picklist([
  "package-unusable",
  "unreadable",
  "waiting",
  "refused",
  "degraded",
  "planned",
  "acting",
  "converging",
  "at-rest",
  "unmanaged",
  ...instanceState.options,
  "published",
  "unpublished",
  "excluded",
  "uncovered",
  "in-sync",
  "orphaned",
]);

export type VerdictState = v.InferOutput<typeof verdictState>;

/** Schema of `Verdict`. */
export const storedVerdict = object({
  subject,
  state: verdictState,
  reason: v.exactOptional(storedReason),
  /** Message for operators, without secrets. */
  message: v.exactOptional(v.string()),
  since: epochMs,
});

/** A finding and since when it has held. */
export type Verdict = v.InferOutput<typeof storedVerdict>;

/** A planner's finding about one subject, as in a Kubernetes Condition. */
export type Finding = Omit<Verdict, "since">;

/** Since when each verdict has held, by subject, state and reason. */
export type Since = Readonly<Record<string, EpochMs>>;

/** Adds to each finding since when it has held: the first of the consecutive passes that found it, or `now`. */
export function toVerdicts(findings: readonly Finding[], since: Since, now: EpochMs): readonly Verdict[] {
  const known = new Map(Object.entries(since));
  return findings.map((finding) => ({ ...finding, since: known.get(findingKey(finding)) ?? now }));
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
