import type { Action, Policy } from "../model/action.ts";
import { isSamePool } from "../model/pools.ts";
import type { Reason } from "../model/reason.ts";

/** Performs everything that is planned. */
const enforce: Policy = () => undefined;

/** Plans and reports, changes nothing. */
const observeOnly: Policy = () => "observe-only";

/** The policy of the app's mode. */
export function policyOf(mode: "observe" | "install"): Policy {
  return mode === "install" ? enforce : observeOnly;
}

/** Only one pool's actions. */
export function onlyPool(pool: string): Policy {
  return (action: Action): Reason | undefined =>
    "pool" in action && !isSamePool(action.pool, pool) ? "other-pool" : undefined;
}

/** Withheld by the first that withholds. */
export function allOf(...policies: readonly Policy[]): Policy {
  return async (action) => {
    for (const policy of policies) {
      const reason = await policy(action);
      if (reason) return reason;
    }
    return undefined;
  };
}
