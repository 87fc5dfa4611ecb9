import { describeFailure } from "../clients/errors.ts";
import type { ClusterResult, PassResult } from "../model/flow.ts";
import type { ClusterId } from "../model/ids.ts";
import { byText } from "../model/order.ts";

/** Runs `pass` for each cluster, at most `concurrency` at a time. Clusters fail alone; undefined means that no pass was due. */
export async function eachCluster(
  clusters: readonly ClusterId[],
  concurrency: number,
  pass: (cluster: ClusterId) => Promise<PassResult | undefined>,
): Promise<readonly ClusterResult[]> {
  const remaining = [...clusters];
  const results: ClusterResult[] = [];
  const work = async (): Promise<void> => {
    for (let cluster = remaining.shift(); cluster; cluster = remaining.shift()) {
      try {
        const result = await pass(cluster);
        if (result) results.push({ cluster, result });
      } catch (error) {
        results.push({ cluster, failure: describeFailure(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, clusters.length) }, work));
  return results.toSorted(byText(({ cluster }) => cluster));
}
