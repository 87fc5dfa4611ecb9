import type { ExtensionAction } from "../model/action.ts";
import { isMoving } from "../model/cluster.ts";
import { EXTENSION_NAME } from "../model/extension.ts";
import type { ClusterId } from "../model/ids.ts";
import type { ExtensionObserved } from "../model/observed.ts";
import type { Plan } from "../model/plan.ts";
import type { Instance, ScaleSet } from "../model/scale-set.ts";
import type { EpochMs } from "../model/time.ts";
import { type Subject, type Verdict, verdictKey } from "../model/verdict.ts";
import { backedOff } from "./back-off.ts";
import { converge } from "./converge.ts";
import { type ExtensionDesired, isSelected } from "./desired.ts";
import { left, linkExpiring, missing, packageDiffers, packageUnusable, settingsDiffer } from "./drift.ts";
import {
  aksBusy,
  describeFailed,
  foreignExtension,
  isDegraded,
  locked,
  otherOwner,
  ownOperation,
  settling,
  stopped,
  upgradePolicy,
} from "./guards.ts";
import { type InstanceVerdict, judgeInstance } from "./instances.ts";
import type { ExtensionMemory } from "./memory.ts";
import { wantedPackage } from "./package.ts";
import { type Decision, gather, type Row, type ScaleSetCase } from "./scale-set-context.ts";

const MINUTE_MS = 60_000;
const LONGEST_BUSY_WAIT_MINUTES = 5;

/**
 * First row that fits, per scale set:
 *
 *     observed                                                       plan
 *     --------                                                       ----
 *     node resource group locked                                     refuse node-resource-group-locked
 *     upgrade policy not Manual, or not Uniform                      refuse upgrade-policy
 *     cluster and pool at rest, our operation runs                   wait own-operation
 *     cluster, pool or set moving                                    wait aks-busy
 *     cluster or pool stopped                                        wait stopped
 *     failed or canceled, not by us, for less than 15 minutes        wait settling
 *     a DSC extension under another name                             refuse foreign-extension
 *     ours by another owner                                          refuse other-owner
 *     not in the pool filter                                         left; its link renewed
 *     no package wanted                                              refuse package-unusable; its link renewed
 *     ours absent                                                    put-extension missing
 *     another marker than the wanted one                             put-extension package-differs
 *     another readable property                                      put-extension settings-differ
 *     the link at half of its life                                   put-extension link-expiring
 *     none of these                                                  the instances
 */
const ROWS: readonly Row[] = [
  locked,
  upgradePolicy,
  ownOperation,
  aksBusy,
  stopped,
  settling,
  foreignExtension,
  otherOwner,
  left,
  packageUnusable,
  missing,
  packageDiffers,
  settingsDiffer,
  linkExpiring,
];

/** A verdict before it is known since when it holds. */
type Finding = Omit<Verdict, "since">;

interface Planned {
  readonly actions: readonly ExtensionAction[];
  readonly findings: readonly Finding[];
  readonly lookAgainAt: EpochMs;
}

/** Decides what one pass does in one cluster. Pure: the same world gives the same plan, in whatever order it was read. */
export function planExtension(
  id: ClusterId,
  desired: ExtensionDesired,
  observed: ExtensionObserved,
  memory: ExtensionMemory,
): Plan<ExtensionAction> {
  const { cluster, at: now } = observed;
  const resyncAt = now + desired.resyncAfterMs;
  if (!cluster) {
    const finding: Finding = { subject: { kind: "cluster", cluster: id }, state: "refused", because: "cluster-gone" };
    return { actions: [], verdicts: stamp([finding], memory, now), lookAgainAt: resyncAt };
  }

  const wanted = wantedPackage(desired, observed, memory);
  const planned = observed.scaleSets
    .filter((scaleSet) => concerns(scaleSet, desired))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((scaleSet) => planScaleSet(gather(cluster, scaleSet, { desired, observed, memory, wanted }), memory));
  const problem: readonly Finding[] = wanted.problem
    ? [
        {
          subject: { kind: "cluster", cluster: id },
          state: "package-unusable",
          because: "package-unusable",
          detail: wanted.problem,
        },
      ]
    : [];
  const findings = [...problem, ...planned.flatMap((each) => each.findings)];
  return {
    actions: planned.flatMap((each) => each.actions),
    verdicts: stamp(findings, memory, now),
    lookAgainAt: Math.min(resyncAt, ...planned.map((each) => each.lookAgainAt)),
  };
}

/** Outside the pool filter only a set that carries ours is looked at. */
function concerns({ isWindows, pool, extensions }: ScaleSet, desired: ExtensionDesired): boolean {
  if (!isWindows || pool === undefined) return false;
  return isSelected(pool, desired) || extensions.some((each) => each.name === EXTENSION_NAME);
}

function planScaleSet(c: ScaleSetCase, memory: ExtensionMemory): Planned {
  const { scaleSet } = c;
  const marker = c.extension?.marker ?? c.ours?.tag?.marker;
  const instances = scaleSet.instances
    .toSorted((a, b) => Number(a.id) - Number(b.id))
    .map((instance) => judgeInstance(instance, { marker, model: scaleSet, memory: c.memory, now: c.now }));
  const decision = backedOff(c, firstThatFits(c) ?? converge(c, instances));

  const subject: Subject = { kind: "scale-set", scaleSet: scaleSet.id, pool: c.poolName };
  const findings: Finding[] = [{ subject, ...worded(decision) }];
  if (isDegraded(c)) findings.push({ subject, state: "degraded", because: "settling", detail: describeFailed(c) });
  findings.push(...instances.map((each) => ({ subject: refer(scaleSet, each.instance), ...worded(each) })));
  return {
    actions: decision.action ? [decision.action] : [],
    findings,
    lookAgainAt: lookAgainAt(c, decision, instances, memory),
  };
}

function firstThatFits(c: ScaleSetCase): Decision | undefined {
  for (const row of ROWS) {
    const decision = row(c);
    if (decision) return decision;
  }
  return undefined;
}

/**
 * In a minute while an action is on its way or an instance is; after 1, 2, 4, then 5 minutes while AKS works; when the
 * decision says; else when the cluster is looked at anyway.
 */
function lookAgainAt(
  c: ScaleSetCase,
  decision: Decision,
  instances: readonly InstanceVerdict[],
  memory: ExtensionMemory,
): EpochMs {
  const times = [c.now + c.desired.resyncAfterMs];
  if (decision.lookAgainAt !== undefined) times.push(decision.lookAgainAt);
  if (c.memory.operation?.state === "running") times.push(c.now + MINUTE_MS);
  if (decision.action && c.desired.acts) times.push(c.now + MINUTE_MS);
  if (instances.some(isOnItsWay)) times.push(c.now + MINUTE_MS);
  if (decision.because === "aks-busy") {
    times.push(c.now + Math.min(LONGEST_BUSY_WAIT_MINUTES, 2 ** memory.busyPasses) * MINUTE_MS);
  }
  return Math.min(...times);
}

function isOnItsWay({ state, instance }: InstanceVerdict): boolean {
  return state === "installing" || (state === "unknown" && instance.isRunning && isMoving(instance.provisioningState));
}

function refer(scaleSet: ScaleSet, { id, vmId, node }: Instance): Subject {
  return { kind: "instance", scaleSet: scaleSet.id, id, vmId, node };
}

function worded({ state, because, detail }: Decision | InstanceVerdict): Omit<Finding, "subject"> {
  return { state, ...(because && { because }), ...(detail !== undefined && { detail }) };
}

/** A verdict holds since it was first given without a pass in between that gave another. */
function stamp(findings: readonly Finding[], memory: ExtensionMemory, now: EpochMs): readonly Verdict[] {
  return findings.map((finding) => ({ ...finding, since: memory.since[verdictKey(finding)] ?? now }));
}
