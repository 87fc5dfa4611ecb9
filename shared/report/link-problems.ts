import { compact } from "../model/json.ts";
import { DAY_MS, type EpochMs } from "../model/time.ts";
import type { Verdict } from "../model/verdict.ts";
import { describeTime } from "./describe.ts";
import { entryFor, toRemedy } from "./remedies.ts";
import type { RemedyContext } from "./remedy-context.ts";
import type { Problem } from "./status.ts";

/** A link is renewed when it has 84 hours left: one with less than this was not, and new nodes will fail their download. */
const NOT_RENEWED_BELOW_MS = DAY_MS;

/** Returns a problem for each pool whose link to the package is about to expire, or has expired. */
export function linkProblems(
  conditions: readonly Verdict[],
  ctx: Pick<RemedyContext, "app" | "cluster">,
  at: EpochMs,
): readonly Problem[] {
  return conditions.flatMap((verdict): readonly Problem[] => {
    const { subject, linkExpiresAt = Number.POSITIVE_INFINITY, names = {} } = verdict;
    if (subject.kind !== "scale-set" || linkExpiresAt - at >= NOT_RENEWED_BELOW_MS) return [];
    const { pool, scaleSet } = subject;
    const entry = entryFor(verdict);
    const when = `${linkExpiresAt > at ? "expires" : "expired"} at ${describeTime(linkExpiresAt)}`;
    return [
      compact({
        level: "trouble" as const,
        title: `Pool ${pool}: the link to the package was not renewed`,
        message: `It ${when}. New nodes cannot download the package after that; nodes that have it are not affected.`,
        since: describeTime(linkExpiresAt - NOT_RENEWED_BELOW_MS),
        remedy: toRemedy(entry, { ...ctx, scaleSet, pool, names }),
        healsItself: entry?.heals === true,
        pool,
        nodes: [],
      }),
    ];
  });
}
