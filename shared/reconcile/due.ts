import { describeFailure } from "../clients/errors.ts";
import type { ClusterResult, FlowMemory } from "../model/flow.ts";
import type { ClusterId } from "../model/ids.ts";
import type { Cause } from "../model/report.ts";
import { DAY_MS, type EpochMs, MINUTE_MS } from "../model/time.ts";
import { HEARTBEAT_MS, TICK_SLACK_MS } from "./at-rest.ts";
import { type PassTarget, readMemory, type StorageDeps } from "./blobs.ts";
import { readRequest } from "./requests.ts";

/** No plan waits for longer: a later time was not stored by this app, or the clock was wrong. */
const LONGEST_WAIT_MS = DAY_MS;

const OVERDUE_AFTER_MS = 5 * MINUTE_MS;

/** A cluster whose pass is due, and why. */
export interface DueCluster {
  readonly cluster: ClusterId;
  readonly cause: Extract<Cause, "request" | "timer">;
  readonly memory: FlowMemory;
}

/** Returns why a pass is due: `request` if one was requested, `timer` if its time has come; undefined if it is not due. */
export async function findDue(
  target: PassTarget,
  { records, now }: StorageDeps,
  signal: AbortSignal,
): Promise<DueCluster | undefined> {
  const { cluster } = target;
  const [request, { memory }] = await Promise.all([
    readRequest(records, target, signal),
    readMemory(records, target, signal),
  ]);
  if (request) return { cluster, cause: "request", memory };
  const waitMs = memory.requeueAt - now();
  return waitMs > TICK_SLACK_MS && waitMs <= LONGEST_WAIT_MS ? undefined : { cluster, cause: "timer", memory };
}

/**
 * Returns whether a flow no longer runs: it wrote nothing for 5 minutes after its next pass and its next heartbeat were
 * due. A flow that has never run is not overdue.
 */
export function isOverdue(memory: FlowMemory, now: EpochMs): boolean {
  return memory.startedAt !== 0 && now > nextRecordAt(memory) + OVERDUE_AFTER_MS;
}

/** Returns when a flow writes again at the latest: at its next pass, or at its next heartbeat; 0 before its first pass. */
export function nextRecordAt({ startedAt, requeueAt }: FlowMemory): EpochMs {
  if (startedAt === 0) return 0;
  return Math.max(Math.min(requeueAt, startedAt + LONGEST_WAIT_MS), startedAt + HEARTBEAT_MS);
}

/**
 * Returns the clusters that are due, those that did not answer last time at the end, and otherwise the longest overdue
 * first; and the clusters for which that could not be read.
 */
export async function findDueClusters(
  flow: PassTarget["flow"],
  clusters: readonly ClusterId[],
  deps: StorageDeps,
  signal: AbortSignal,
): Promise<{ readonly due: readonly DueCluster[]; readonly failed: readonly ClusterResult[] }> {
  const failed: ClusterResult[] = [];
  const found = await Promise.all(
    clusters.map(async (cluster) => {
      try {
        return await findDue({ flow, cluster }, deps, signal);
      } catch (error) {
        failed.push({ cluster, failure: describeFailure(error) });
        return undefined;
      }
    }),
  );
  const isFailing = ({ memory }: DueCluster): number => (memory.failures > 0 ? 1 : 0);
  const due = found
    .filter((each) => each !== undefined)
    .toSorted((a, b) => isFailing(a) - isFailing(b) || a.memory.requeueAt - b.memory.requeueAt);
  return { due, failed };
}
