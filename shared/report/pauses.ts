import type { FoundPauses } from "../model/pauses.ts";
import type { EpochMs } from "../model/time.ts";
import { endPause } from "./cluster-commands.ts";
import { describeTime } from "./describe.ts";
import { toRemedy } from "./remedies.ts";
import type { RemedyContext } from "./remedy-context.ts";
import type { ClusterStatus, Problem } from "./status.ts";

/** Returns the pauses of a cluster and its pools. */
export function listPauses(pauses: FoundPauses): ClusterStatus["pauses"] {
  if (pauses === "unreadable") return [];
  const ofCluster = pauses.until > 0 ? [{ until: describeTime(pauses.until) }] : [];
  return [...ofCluster, ...Object.entries(pauses.pools).map(([pool, until]) => ({ pool, until: describeTime(until) }))];
}

/** Returns a problem if the pauses cannot be read: the app then withholds every action. */
export function pauseProblems(
  pauses: FoundPauses,
  ctx: Pick<RemedyContext, "app" | "cluster">,
  at: EpochMs,
): readonly Problem[] {
  if (pauses !== "unreadable") return [];
  const entry = { text: "End the pauses of the cluster, or pause it again.", command: endPause };
  const remedy = toRemedy(entry, { ...ctx, names: {} });
  return [
    {
      level: "trouble",
      title: "The pauses cannot be read",
      message: "The app withholds every action in the cluster, because it may be paused.",
      since: describeTime(at),
      healsItself: false,
      nodes: [],
      ...(remedy && { remedy }),
    },
  ];
}
