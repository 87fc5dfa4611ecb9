import type { Instance } from "../model/scale-set.ts";
import type { ClassifyContext, InstanceContext, InstanceRow, InstanceVerdict } from "./instance-context.ts";
import {
  awaitingCse,
  awaitingNode,
  differsFromModel,
  installing,
  notRunning,
  protectedInstance,
  unknown,
} from "./instance-guards.ts";
import { current, failed, noEffect, uninstalled, unknownPackage, unprovenHealth } from "./instance-results.ts";
import { readOwnRun } from "./own-run.ts";

/**
 * The first row that matches gives the state:
 *
 *     observed                                                             state
 *     --------                                                             -----
 *     deallocated, or being deleted                                        not-running
 *     VM agent not ready                                                   unknown
 *     operation in progress on it, and our extension missing               unknown
 *     Failed, and our extension is not the only cause                      unknown
 *     the pool is in UNINSTALL_POOLS, and our extension has removed the    uninstalled
 *       exporter, or is missing
 *     our extension succeeded with the desired marker                      current
 *     our extension transitioning, or our upgrade running                  installing
 *     the same for more than 32 minutes                                    failed stuck
 *     vmssCSE not succeeded for 5 minutes, if the model has it             awaiting-aks vmss-cse
 *     its Node not Ready, or less than 5 minutes old                       awaiting-aks node-not-ready
 *     protected from scale set actions                                     protected
 *     image or VM size not that of the model, or one of them not readable, awaiting-aks
 *       or an extension of AKS with other settings than in the model
 *     a successful upgrade to this marker, and our extension missing or    failed no-effect
 *       succeeded with another marker
 *     our extension failed with the desired or an unknown marker           failed cause-...
 *     our extension succeeded without its evidence, where the cluster has  unproven-health
 *       shown evidence, unless it has another marker
 *     our extension succeeded, marker unknown                              unknown-package
 *     our extension missing, or with another marker                        outdated
 *
 * An extension that succeeded has failed if its message contains a text of a failure. Where the cluster has shown
 * evidence, an extension is `current` only with evidence of a healthy exporter. While our upgrade of the instance is
 * running, an operation in progress and a VM agent that is not ready are expected.
 */
const ROWS: readonly InstanceRow[] = [
  notRunning,
  unknown,
  uninstalled,
  current,
  installing,
  awaitingCse,
  awaitingNode,
  protectedInstance,
  differsFromModel,
  noEffect,
  failed,
  unprovenHealth,
  unknownPackage,
];

/** Returns the verdict of one instance; decides no action. */
export function classifyInstance(instance: Instance, context: ClassifyContext): InstanceVerdict {
  const { operation } = context.memory;
  const ctx: InstanceContext = {
    ...context,
    instance,
    remembered: context.memory.instances[instance.vmId],
    run: readOwnRun(instance),
    isUpgrading: operation?.state === "running" && operation.instances.includes(instance.vmId),
  };
  for (const row of ROWS) {
    const verdict = row(ctx);
    if (verdict) return { instance, ...verdict };
  }
  return { instance, state: "outdated" };
}
