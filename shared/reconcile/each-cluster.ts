import { describeFailure } from "../clients/errors.ts";
import type { ClusterResult, PassResult } from "../model/flow.ts";
import type { ClusterId } from "../model/ids.ts";
import { byText } from "../model/order.ts";

/** Runs `pass` for each cluster in this order, at most `concurrency` at a time. Clusters fail alone. */
export async function eachCluster<T extends { readonly cluster: ClusterId }>(
  clusters: readonly T[],
  concurrency: number,
  pass: (each: T) => Promise<PassResult>,
): Promise<readonly ClusterResult[]> {
  const remaining = [...clusters];
  const results: ClusterResult[] = [];
  const work = async (): Promise<void> => {
    for (let each = remaining.shift(); each; each = remaining.shift()) {
      const { cluster } = each;
      try {
        results.push({ cluster, result: await pass(each) });
      } catch (error) {
        results.push({ cluster, failure: describeFailure(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, clusters.length) }, work));
  return results.toSorted(byText(({ cluster }) => cluster));
}
