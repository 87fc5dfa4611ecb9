import { describeFailure } from "../clients/errors.ts";
import type { Dependencies } from "../dependencies.ts";
import type { CallFailure } from "../model/failure.ts";
import type { Cause, Flow } from "../model/flow.ts";
import type { ClusterId } from "../model/ids.ts";
import { isRecord } from "../model/json.ts";
import { readMemory, type TurnResult } from "./exclusive.ts";
import { readLookAgain } from "./requests.ts";

/** One cluster's pass, or why there is none. */
export type ClusterResult =
  | { readonly cluster: ClusterId; readonly result: TurnResult }
  | { readonly cluster: ClusterId; readonly failure: CallFailure };

/** A pass begins moments after its tick, and "in a minute" means the next tick. */
const TICK_SLACK_MS = 15_000;

/** Why a cluster's pass is due: somebody left a note, or its time has come; undefined while neither is so. */
export async function dueBecause(
  cluster: ClusterId,
  flow: Flow,
  { records, now }: Pick<Dependencies, "records" | "now">,
  signal: AbortSignal,
): Promise<Extract<Cause, "note" | "timer"> | undefined> {
  if (await readLookAgain(records, cluster, flow, signal)) return "note";
  const memory = await readMemory(records, cluster, flow, signal);
  const requeueAt = isRecord(memory) ? memory["requeueAt"] : undefined;
  return typeof requeueAt === "number" && now() < requeueAt - TICK_SLACK_MS ? undefined : "timer";
}

/** Runs `pass` for each cluster, at most `atOnce` at a time. Clusters fail alone; undefined means that none was due. */
export async function eachCluster(
  clusters: readonly ClusterId[],
  atOnce: number,
  pass: (cluster: ClusterId) => Promise<TurnResult | undefined>,
): Promise<readonly ClusterResult[]> {
  const waiting = [...clusters];
  const results: ClusterResult[] = [];
  const work = async (): Promise<void> => {
    for (let cluster = waiting.shift(); cluster; cluster = waiting.shift()) {
      try {
        const result = await pass(cluster);
        if (result) results.push({ cluster, result });
      } catch (error) {
        results.push({ cluster, failure: describeFailure(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, clusters.length) }, work));
  return results.toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1));
}
