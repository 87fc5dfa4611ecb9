import type { ExtensionAction } from "../model/action.ts";
import { isUninstalling } from "../model/pools.ts";
import { DAY_MS } from "../model/time.ts";
import type { InstanceState } from "../model/verdict.ts";
import { planPut, renewLink } from "./drift.ts";
import type { InstanceVerdict } from "./instance-context.ts";
import { packageProblem } from "./package.ts";
import { attemptsOf, isRequested } from "./retries.ts";
import { type Decision, observedState, type Row, type ScaleSetContext } from "./scale-set-context.ts";
import { withoutEffect } from "./write-without-effect.ts";

/** For so long a failing removal keeps the extension in the model. */
const GIVEN_UP_AFTER_MS = DAY_MS;

/** States of instances that a later upgrade can bring to the removal. */
const REMOVABLE: ReadonlySet<InstanceState> = new Set(["outdated", "failed", "unproven-health", "unknown-package"]);

/**
 * The row of a pool in UNINSTALL_POOLS. An instance remains if it is running, its exporter is not known to be removed, and
 * the removal has not failed on it for 24 hours.
 *
 *     model                 instances                     decision
 *     -----                 ---------                     --------
 *     has our extension     none remains                  delete-extension
 *     lacks it              none remains                  excluded: nothing more to do
 *     lacks it              none that remains can be      waiting
 *                             upgraded
 *     any                   some remain, and no package   refused package-unusable; renew the link
 *                             can be used to remove it
 *     lacks it, or has      some remain                   put-extension, with Ensure = Absent
 *       another marker
 *     has this marker       some remain                   the rows below, and batches
 */
export const uninstall: Row = (ctx) => {
  if (!isUninstalling(ctx.poolName, ctx.desired.selection)) return undefined;
  const remaining = ctx.instances.filter((each) => remains(each, ctx));
  if (remaining.length === 0) return ctx.currentExtension ? deleteExtension(ctx) : excluded(ctx);
  if (!ctx.currentExtension && !remaining.some(({ state }) => REMOVABLE.has(state))) return waiting(remaining);
  const problem = removalProblem(ctx);
  if (problem !== undefined) {
    return { ...renewLink(ctx), state: "refused", reason: "package-unusable", message: problem };
  }
  return hasRemoval(ctx) ? undefined : planPut(ctx, "uninstall", ctx.desiredExtension);
};

function hasRemoval({ currentExtension, desiredExtension }: ScaleSetContext): boolean {
  return currentExtension?.tag?.marker === desiredExtension?.marker;
}

/** Returns why no package can remove the exporter. */
function removalProblem({ choice, desired, checks }: ScaleSetContext): string | undefined {
  if (choice.package) return packageProblem(choice.package.hash, desired, checks);
  return "neither the package of the model nor a proven one can be used to remove the exporter. Publish one";
}

function remains(verdict: InstanceVerdict, ctx: ScaleSetContext): boolean {
  const { state } = verdict;
  if (state === "not-running" || state === "uninstalled" || isGivenUp(verdict, ctx)) return false;
  return state !== "unknown" || !isKnownAsRemoved(verdict, ctx);
}

function isGivenUp(verdict: InstanceVerdict, { marker = "", memory, now }: ScaleSetContext): boolean {
  if (verdict.state !== "failed" || isRequested(verdict, memory)) return false;
  const { failingSince = now } = attemptsOf(verdict, { marker, memory, now }) ?? {};
  return now - failingSince >= GIVEN_UP_AFTER_MS;
}

/** The last known state of a silent agent counts. */
function isKnownAsRemoved({ instance }: InstanceVerdict, { memory, marker }: ScaleSetContext): boolean {
  const known = memory.instances[instance.vmId];
  return known !== undefined && known.marker === marker && known.succeededAt === undefined;
}

function deleteExtension(ctx: ScaleSetContext): Decision {
  const { scaleSet, poolName: pool } = ctx;
  const action: ExtensionAction = {
    kind: "delete-extension",
    scaleSet: scaleSet.id,
    pool,
    reason: "uninstall",
    observed: observedState(ctx),
  };
  return withoutEffect(ctx, action) ?? { state: "acting", reason: "uninstall", action, ...describeResult(ctx) };
}

function excluded(ctx: ScaleSetContext): Decision {
  return { state: "excluded", reason: "uninstall", ...describeResult(ctx) };
}

function waiting(remaining: readonly InstanceVerdict[]): Decision {
  return { state: "waiting", reason: "uninstall", ...listed("the exporter cannot be removed yet from", remaining) };
}

/** Lists the nodes from which the exporter was never removed. */
function describeResult(ctx: ScaleSetContext): Pick<Decision, "message" | "names"> {
  const kept = ctx.instances.filter((each) => each.state !== "uninstalled" && !isKnownAsRemoved(each, ctx));
  if (kept.length === 0) return { message: "no instance has the exporter any more" };
  return listed("these instances can still have the exporter:", kept);
}

/** Returns a message that lists instances, each with what is known of it, and their names. */
function listed(beginning: string, verdicts: readonly InstanceVerdict[]): Pick<Decision, "message" | "names"> {
  const all = verdicts.map(({ instance, message, state }) => `${instance.node} (${message ?? state})`);
  const nodes = verdicts.map(({ instance }) => instance.node);
  return { message: `${beginning} ${all.join(", ")}`, names: { nodes } };
}
