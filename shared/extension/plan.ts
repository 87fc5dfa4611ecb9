import type { ExtensionAction } from "../model/action.ts";
import { findOwnExtension } from "../model/extension.ts";
import type { ClusterId } from "../model/ids.ts";
import type { ExtensionObserved } from "../model/observed.ts";
import { byText } from "../model/order.ts";
import type { Plan } from "../model/plan.ts";
import { isManaged, isUninstalling } from "../model/pools.ts";
import type { ScaleSetModel } from "../model/scale-set.ts";
import { type EpochMs, MINUTE_MS } from "../model/time.ts";
import { type Finding, type Subject, toVerdicts } from "../model/verdict.ts";
import { packageFindings, watchFindings } from "./cluster-findings.ts";
import type { ExtensionDesired } from "./desired.ts";
import type { ExtensionMemory } from "./memory.ts";
import { choosePackage, packagesByMarker } from "./package.ts";
import { type PlannedScaleSet, planScaleSet } from "./plan-scale-set.ts";
import { createScaleSetContext } from "./scale-set-context.ts";

/** Returns the plan of one pass for one cluster. Pure: the order of the observed items does not matter. */
export function planExtension(
  id: ClusterId,
  desired: ExtensionDesired,
  observed: ExtensionObserved,
  memory: ExtensionMemory,
): Plan<ExtensionAction> {
  const { cluster, at: now } = observed;
  const resyncAt = now + desired.resyncAfterMs;
  if (!cluster) {
    const finding: Finding = { subject: { kind: "cluster", cluster: id }, state: "refused", reason: "cluster-gone" };
    return { actions: [], verdicts: toVerdicts([finding], memory.since, now), requeueAt: resyncAt };
  }

  const desiredPackage = choosePackage(desired, observed, memory);
  const packages = packagesByMarker(desiredPackage, observed, memory);
  const sources = { desired, observed, memory, desiredPackage, packages };
  const contexts = observed.scaleSets
    .filter((scaleSet) => isInScope(scaleSet, desired))
    .toSorted(byText((each) => each.id))
    .map((scaleSet) => createScaleSetContext(cluster, scaleSet, sources));
  const unreadable = observed.unreadable
    .filter(({ model }) => isInScope(model, desired))
    .toSorted(byText(({ model }) => model.id))
    .map(({ model }) => planUnreadable(model, memory, now));
  const all = [...contexts.map((each) => planScaleSet(each, memory)), ...unreadable];
  const ctx = { desired, observed, memory, desiredPackage, contexts };
  const subject: Subject = { kind: "cluster", cluster: id };
  const findings = [
    ...packageFindings(ctx).map((each) => ({ subject, ...each })),
    ...all.flatMap((each) => each.findings),
    ...watchFindings(ctx).map((each) => ({ subject, ...each })),
  ];
  const trialAt = memory.trial?.soakingSince !== undefined ? now + MINUTE_MS : resyncAt;
  return {
    actions: all.flatMap((each) => each.actions),
    verdicts: toVerdicts(findings, memory.since, now),
    requeueAt: Math.min(resyncAt, trialAt, ...all.map((each) => each.requeueAt)),
  };
}

/**
 * Returns whether the plan includes a scale set: a Windows pool that is managed, that still has our extension, or that the
 * app uninstalls.
 */
function isInScope({ isWindows, pool, extensions }: ScaleSetModel, { selection }: ExtensionDesired): boolean {
  if (!isWindows || pool === undefined) return false;
  return isManaged(pool, selection) || isUninstalling(pool, selection) || findOwnExtension(extensions) !== undefined;
}

/** Plans nothing for a scale set whose instances could not be listed; the others are planned alone. */
function planUnreadable({ id, pool = "" }: ScaleSetModel, memory: ExtensionMemory, now: EpochMs): PlannedScaleSet {
  const { until = now, reason = "read-failed", message = "", names } = memory.scaleSets[id]?.unreadable ?? {};
  const subject: Subject = { kind: "scale-set", scaleSet: id, pool };
  const finding: Finding = { subject, state: "unreadable", reason, message, nextTryAt: until, ...(names && { names }) };
  return { actions: [], findings: [finding], requeueAt: until };
}
