import type { NodeName } from "../model/ids.ts";
import type { Reason } from "../model/reason.ts";
import type { EpochMs } from "../model/time.ts";
import type { InstanceVerdict } from "./instance-context.ts";
import { attemptsOf, isRequested, type RetryContext } from "./retries.ts";

/** A canary can fail because of its VM. After three failures and no success, the app only retries these. */
const MAX_FAILED_CANARIES = 3;
/** One machine can fail because of itself. */
const FAILURES_OF_PROVEN = 2;

/** What keeps instances of a pool from being upgraded. */
export interface Hold {
  readonly reason: Extract<Reason, "canary-failed" | "package-held" | "upgrade-restarted-node">;
  readonly message: string;
  readonly nodes: readonly NodeName[];
  /** Undefined if this pass found it. */
  readonly since: EpochMs | undefined;
  /** Returns whether an instance may be upgraded nevertheless. */
  readonly allows: (verdict: InstanceVerdict) => boolean;
}

interface HoldContext extends RetryContext {
  readonly isNew: boolean;
}

/**
 * Returns the hold on the upgrades of a pool. The first row that matches applies:
 *
 *     observed                                                             reason                  allows
 *     --------                                                             ------                  ------
 *     an upgrade interrupted a node, and AKS has brought no other image    upgrade-restarted-node  none
 *     the pool is uninstalled                                              none: a package that is held can be removed
 *     the package was held in this pool before                             package-held            retries that a
 *                                                                                                  resync asked for
 *     a new one failed on three instances, whatever the cause, and is      canary-failed           retries of these
 *       current on none
 *     a proven one failed because of itself on two instances               package-held            retries that a
 *                                                                                                  resync asked for
 */
export function findHold(verdicts: readonly InstanceVerdict[], ctx: HoldContext): Hold | undefined {
  const { harm, packageHold, uninstall } = ctx.memory;
  if (harm) {
    const message = `an upgrade interrupted ${harm.nodes.join(", ")}`;
    return { reason: "upgrade-restarted-node", message, nodes: harm.nodes, since: harm.since, allows: () => false };
  }
  if (uninstall) return undefined;
  if (packageHold?.marker === ctx.marker) return holdPackage(packageHold, ctx);
  if (ctx.isNew) return canaryHold(verdicts, ctx);
  const failed = verdicts.filter((each) => each.reason === "cause-package" && isCounted(each, ctx));
  const nodes = failed.map(({ instance }) => instance.node);
  return nodes.length < FAILURES_OF_PROVEN ? undefined : holdPackage({ nodes, since: undefined }, ctx);
}

function holdPackage({ nodes, since }: Pick<Hold, "nodes" | "since">, { memory }: HoldContext): Hold {
  const allows = (each: InstanceVerdict): boolean => each.state === "failed" && isRequested(each, memory);
  return { reason: "package-held", message: failedOn(nodes), nodes, since, allows };
}

function canaryHold(verdicts: readonly InstanceVerdict[], ctx: HoldContext): Hold | undefined {
  if (verdicts.some(({ state }) => state === "current")) return undefined;
  const failed = verdicts.filter(({ state, reason }) => state === "failed" && reason !== "no-effect");
  if (failed.length < MAX_FAILED_CANARIES) return undefined;
  const nodes = failed.map(({ instance }) => instance.node);
  const since = Math.min(...failed.map((each) => attemptsOf(each, ctx)?.failedAt ?? ctx.now));
  return { reason: "canary-failed", message: failedOn(nodes), nodes, since, allows: ({ state }) => state === "failed" };
}

function failedOn(nodes: readonly NodeName[]): string {
  return `the package failed on ${nodes.join(", ")}`;
}

/**
 * Returns whether a failure counts against the package: not one of an unknown try, and not one that a resync has asked to
 * try again.
 */
export function isCounted(verdict: InstanceVerdict, ctx: RetryContext): boolean {
  return attemptsOf(verdict, ctx)?.isTryKnown === true && !isRequested(verdict, ctx.memory);
}
