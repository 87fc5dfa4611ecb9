import { parseDuration } from "../config/parsers.ts";
import type { Dependencies } from "../dependencies.ts";
import { type ClusterId, splitId } from "../model/ids.ts";
import { isSamePool } from "../model/pools.ts";
import { SECOND_MS } from "../model/time.ts";
import { LONGEST_PAUSE_MS, writePause } from "../reconcile/pauses.ts";
import { describeTime } from "../report/describe.ts";
import { observations } from "../report/stored-flow.ts";
import { type Answer, findClusters, refusal, unknownParameters } from "./parameters.ts";
import { readStored } from "./stored.ts";

const WRITE_WITHIN_MS = 30 * SECOND_MS;

/** `code` is the key of the function. */
const PARAMETERS = ["cluster", "pool", "for", "code"];

/**
 * Pauses all clusters, one, or a pool of one or all for a time of at most 72 hours; `PT0S` ends the pause. The passes
 * go on to plan and to report.
 */
export async function pause(query: URLSearchParams, deps: Dependencies): Promise<Answer> {
  const wrong = unknownParameters(query, PARAMETERS);
  if (wrong) return wrong;
  const clusters = findClusters(query.get("cluster"), deps.config.AKS_CLUSTER_IDS);
  if ("status" in clusters) return clusters;
  const ms = durationIn(query.get("for"));
  if (ms === undefined) {
    const found = query.get("for") ?? "";
    return refusal(
      400,
      `for: found '${found}', expected an ISO 8601 duration up to PT72H, like PT4H; PT0S ends a pause`,
    );
  }
  const pool = query.get("pool") ?? undefined;
  const unknown = pool === undefined ? undefined : await findUnknownPool(deps, clusters.found, pool);
  if (unknown) return unknown;
  const until = deps.now() + ms;
  const signal = AbortSignal.timeout(WRITE_WITHIN_MS);
  const paused = await Promise.all(
    clusters.found.map(async (cluster) => {
      const { until: all, pools } = await writePause(deps, { cluster, pool, until }, signal);
      const byPool = Object.entries(pools).map(([name, at]) => [name, describeTime(at)]);
      return { cluster, ...(all > 0 && { until: describeTime(all) }), pools: Object.fromEntries(byPool) };
    }),
  );
  return { status: 200, jsonBody: { paused } };
}

function durationIn(text: string | null): number | undefined {
  if (text !== null && /^PT0+[HMS]$/.test(text)) return 0;
  try {
    const ms = parseDuration(text ?? "");
    return ms <= LONGEST_PAUSE_MS ? ms : undefined;
  } catch {
    return undefined;
  }
}

/** A pause of a pool that does not exist would let the actions on the one that was meant through. */
async function findUnknownPool(
  deps: Dependencies,
  clusters: readonly ClusterId[],
  pool: string,
): Promise<Answer | undefined> {
  const stored = await readStored(deps, clusters);
  for (const { cluster, flows } of stored) {
    const verdicts = observations(flows).flatMap(({ plan }) => plan.verdicts);
    const known = [...new Set(verdicts.flatMap(({ subject }) => ("pool" in subject ? [subject.pool] : [])))];
    if (known.some((each) => isSamePool(each, pool))) continue;
    const { name } = splitId(cluster);
    return refusal(
      404,
      `found no Windows pool '${pool}' in ${name}, expected one of: ${known.join(", ") || "none yet"}`,
    );
  }
  return undefined;
}
