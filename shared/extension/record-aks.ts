import { type Cluster, hasFailed, isMoving, type NodePool } from "../model/cluster.ts";
import type { ExtensionObserved } from "../model/observed.ts";
import { findPool } from "../model/pools.ts";
import type { ScaleSetModel } from "../model/scale-set.ts";
import type { EpochMs } from "../model/time.ts";
import type { ScaleSetMemory } from "./memory.ts";

/** What memory keeps of the work of AKS on a pool. */
type AksMemory = Pick<
  ScaleSetMemory,
  "busySince" | "failedSince" | "modelDigest" | "poolVersion" | "aksWorkedAt" | "aksOperation" | "etag" | "writtenAt"
>;

/**
 * Records what AKS does to a pool: since when it has an operation in progress or has failed, and when it last worked on
 * it. It has worked if cluster or pool is moving, if the pool has another version, or if the model has changed but for
 * its capacity and our extension.
 */
export function recordAks(
  known: ScaleSetMemory,
  scaleSet: ScaleSetModel,
  { cluster, pools, at: now }: ExtensionObserved,
): AksMemory {
  const pool = findPool(pools, scaleSet.pool);
  const operation = operationOf("pool", pool) ?? operationOf("cluster", cluster);
  const isFailed = [cluster, pool, scaleSet].some((each) => each !== undefined && hasFailed(each.provisioningState));
  const written = recordWrite(known, scaleSet, now);
  const model = { modelDigest: scaleSet.digest, poolVersion: pool?.version ?? known.poolVersion, ...written };
  const failedSince = isFailed ? (known.failedSince ?? now) : undefined;
  if (operation === undefined) {
    const { aksOperation, aksWorkedAt } = known;
    const worked = hasChanged(known, model) ? now : aksWorkedAt;
    return { ...model, busySince: undefined, failedSince, aksWorkedAt: worked, aksOperation };
  }
  const busySince = known.busySince ?? now;
  return { ...model, busySince, failedSince, aksWorkedAt: now, aksOperation: { text: operation, at: now } };
}

/**
 * Azure shows neither protected settings nor user data of a model, and an operation of AKS can begin and end between two
 * passes: the ETag tells that another writer has written the scale set, though not what.
 */
function recordWrite(
  { etag: before, writtenAt, operation }: ScaleSetMemory,
  { etag }: ScaleSetModel,
  now: EpochMs,
): Pick<ScaleSetMemory, "etag" | "writtenAt"> {
  const isOwn = operation?.state === "running";
  return { etag, writtenAt: isOther(before, etag) && !isOwn ? now : writtenAt };
}

type Model = Pick<ScaleSetMemory, "modelDigest" | "poolVersion">;

function hasChanged(before: Model, now: Model): boolean {
  return isOther(before.modelDigest, now.modelDigest) || isOther(before.poolVersion, now.poolVersion);
}

function isOther(before: string | undefined, now: string | undefined): boolean {
  return before !== undefined && before !== now;
}

/** Returns `pool win1 is Upgrading`; undefined if no operation is in progress. */
function operationOf(kind: string, resource: Cluster | NodePool | undefined): string | undefined {
  if (!resource || !isMoving(resource.provisioningState)) return undefined;
  return `${kind} ${resource.name} is ${resource.provisioningState}`;
}
