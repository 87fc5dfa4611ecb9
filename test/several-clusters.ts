import { dependencies } from "../shared/dependencies.ts";
import type { FlowMemory } from "../shared/model/flow.ts";
import { type ClusterId, parseClusterId } from "../shared/model/ids.ts";
import { parseReport } from "../shared/model/report.ts";
import { blobName, type PassTarget } from "../shared/reconcile/blobs.ts";
import { SHOP } from "./world.ts";

/** Returns the id of the cluster with a name, next to the cluster `SHOP`. */
export function clusterNextToShop(name: string): ClusterId {
  const { subscription, resourceGroup } = SHOP;
  return parseClusterId(
    `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${name}`,
  );
}

/** The role assignments of an app for every cluster next to `SHOP`, with all permissions. */
export const ALL_CLUSTERS = [{ scope: `/subscriptions/${SHOP.subscription}`, actions: ["*"] }];

/** Returns how many ms after `startedAt` each cluster's pass ended; undefined for one that has not, or has failed. */
export async function passTimes<M extends FlowMemory>(
  flow: PassTarget<M>["flow"],
  clusters: readonly ClusterId[],
  startedAt: number,
): Promise<readonly (number | undefined)[]> {
  const { records } = dependencies();
  return Promise.all(
    clusters.map(async (cluster) => {
      const stored = await records.read(blobName("reports", { flow, cluster }), AbortSignal.timeout(10_000));
      const report = parseReport(stored?.value);
      return report && report.startedAt >= startedAt && !report.failure ? report.endedAt - startedAt : undefined;
    }),
  );
}

/** Returns the longest of some times; infinite if one is missing. */
export function longest(times: readonly (number | undefined)[]): number {
  return Math.max(...times.map((ms) => ms ?? Infinity));
}
