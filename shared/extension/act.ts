import type { AksClient } from "../clients/arm/aks.ts";
import type { ScaleSetClient } from "../clients/arm/scale-sets.ts";
import { CallError, describeFailure } from "../clients/errors.ts";
import type { PackageStore } from "../clients/packages/store.ts";
import type { ExtensionAction, Outcome, Policy } from "../model/action.ts";
import type { ClusterId } from "../model/ids.ts";
import type { EpochMs } from "../model/time.ts";

type ExtensionOutcome = Outcome<ExtensionAction>;
type Result = Omit<ExtensionOutcome, "action" | "at">;

/** The clients and settings with which the actions of one cluster are performed. */
export interface ActContext {
  readonly cluster: ClusterId;
  readonly aks: AksClient;
  readonly arm: ScaleSetClient;
  readonly packages: PackageStore;
  readonly policy: Policy;
  readonly now: () => EpochMs;
  readonly signal: AbortSignal;
}

/** Performs the actions in order and returns their outcomes. A failed action does not stop those that follow. */
export async function actExtension(
  actions: readonly ExtensionAction[],
  context: ActContext,
): Promise<readonly ExtensionOutcome[]> {
  const outcomes: ExtensionOutcome[] = [];
  for (const action of actions) {
    const result = await attempt(action, context);
    outcomes.push({ action, at: context.now(), ...result });
  }
  return outcomes;
}

async function attempt(action: ExtensionAction, context: ActContext): Promise<Result> {
  if (context.signal.aborted) return { status: "dropped", reason: "out-of-time" };
  try {
    const reason = await context.policy(action);
    if (reason) return { status: "withheld", reason };
    if (await hasChanged(action, context)) return { status: "dropped", reason: "changed-since-observed" };
    return await perform(action, context);
  } catch (error) {
    return { status: "failed", error: describeFailure(error) };
  }
}

/**
 * Returns whether the state of the pool or the scale set, or the ETag of the scale set, is another than the plan observed.
 * Runs directly before each write, because the extension sub-resource does not support If-Match.
 */
async function hasChanged(action: ExtensionAction, { cluster, aks, arm, signal }: ActContext): Promise<boolean> {
  const [pool, scaleSet] = await Promise.all([
    aks.readPool(cluster, action.pool, signal),
    arm.read(action.scaleSet, signal),
  ]);
  const { observed } = action;
  return (
    pool?.provisioningState !== observed.pool ||
    scaleSet.provisioningState !== observed.scaleSet ||
    scaleSet.etag !== observed.etag
  );
}

async function perform(action: ExtensionAction, context: ActContext): Promise<Result> {
  const { arm, packages, signal } = context;
  switch (action.kind) {
    case "put-extension": {
      // The link exists only during this call: it is signed and checked here, and not stored.
      const link = await packages.sign(action.extension.package, signal);
      const operation = await arm.putExtension(action.scaleSet, action.extension, link, signal);
      return { status: "submitted", operation };
    }
    case "upgrade-instances":
      return { status: "submitted", operation: await upgrade(action, context) };
    case "delete-extension":
      return { status: "submitted", operation: await arm.deleteExtension(action.scaleSet, signal) };
    default:
      return action satisfies never;
  }
}

/** Upgrades the instances. ARM refuses the whole batch for one that no longer exists, and names it: the rest is submitted. */
async function upgrade(
  { scaleSet, instances }: Extract<ExtensionAction, { kind: "upgrade-instances" }>,
  { arm, signal }: ActContext,
): Promise<string> {
  let ids = instances.map((each) => each.id);
  for (;;) {
    try {
      return await arm.upgradeInstances(scaleSet, ids, signal);
    } catch (error) {
      const missing = error instanceof CallError ? GONE_INSTANCE.exec(error.message)?.[1] : undefined;
      const existing = ids.filter((id) => id !== missing);
      if (existing.length === 0 || existing.length === ids.length) throw error;
      ids = existing;
    }
  }
}

/** ARM: "The provided instanceId 3 is not an active Virtual Machine Scale Set VM instanceId." */
const GONE_INSTANCE = /instanceId (\S+) is not an active/i;
