import * as v from "valibot";
import { clusterId, nodeName, scaleSetId } from "./ids.ts";
import { storedReason } from "./reason.ts";
import { storedNames } from "./refusal.ts";
import { INSTANCE_REF_FIELDS } from "./scale-set.ts";
import { epochMs, object } from "./schema.ts";
import { SCRAPE_SOURCES } from "./slice.ts";
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
  "uninstalled",
  "installing",
  "awaiting-aks",
  "protected",
  "failed",
  "unproven-health",
  "unknown-package",
  "outdated",
]);

export type InstanceState = v.InferOutput<typeof instanceState>;

/** Schema of a state: of a cluster and a scale set, an instance, a node, and the cluster's endpoint objects, in this order. */
export const verdictState = v.picklist([
  "package-unusable",
  "unreadable",
  "waiting",
  "refused",
  "degraded",
  "held",
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

/** Schema of `InstanceFacts`. */
const instanceFacts = object({
  pool: v.string(),
  /** Whether it carries the desired package, as far as that is known. */
  isDesired: v.boolean(),
  /** SHA-256 of the package that it carries. Absent if it carries none, or an unknown one. */
  package: v.exactOptional(v.string()),
  /** Since when it has run without a proven exporter. Absent if one was proven since it was created or reimaged. */
  unprovenSince: v.exactOptional(epochMs),
});

/** What is known of an instance, whatever its state. */
export type InstanceFacts = v.InferOutput<typeof instanceFacts>;

/** Schema of `EndpointFacts`. */
const endpointFacts = object({
  pool: v.exactOptional(v.string()),
  source: v.picklist(SCRAPE_SOURCES),
  /** `10.240.0.5:9182`, as the app's objects should have it. Absent if they should not have the node. */
  endpoint: v.exactOptional(v.string()),
  /** Whether they should have it as ready. */
  isReady: v.boolean(),
  /** What every kind of object that the app writes had when the pass read them. */
  live: v.picklist(["ready", "not-ready", "no"]),
});

/** The published endpoint of a node: as it should be, and as it was read. */
export type EndpointFacts = v.InferOutput<typeof endpointFacts>;

/** Schema of `Verdict`. */
export const storedVerdict = object({
  subject,
  state: verdictState,
  reason: v.exactOptional(storedReason),
  /** Message for operators, without secrets. */
  message: v.exactOptional(v.string()),
  /** When the app tries again what failed or was refused. */
  nextTryAt: v.exactOptional(epochMs),
  /** What a remedy has to name. */
  names: v.exactOptional(storedNames),
  /** When the link to the package in the scale set's model expires. */
  linkExpiresAt: v.exactOptional(epochMs),
  instance: v.exactOptional(instanceFacts),
  endpoint: v.exactOptional(endpointFacts),
  since: epochMs,
});

/** A finding and since when it has held. */
export type Verdict = v.InferOutput<typeof storedVerdict>;

/** A planner's finding about one subject, as in a Kubernetes Condition; `since` only if the planner knows it better. */
export type Finding = Omit<Verdict, "since"> & { readonly since?: EpochMs };

/** Since when each verdict has held, by subject, state and reason. */
export type Since = Readonly<Record<string, EpochMs>>;

/** Adds to each finding since when it has held: what the planner says, else the first of the consecutive passes that found it. */
export function toVerdicts(findings: readonly Finding[], since: Since, now: EpochMs): readonly Verdict[] {
  const known = new Map(Object.entries(since));
  return findings.map((finding) => ({ ...finding, since: finding.since ?? known.get(findingKey(finding)) ?? now }));
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
