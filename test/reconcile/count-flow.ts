import { openContainer } from "../../shared/clients/storage/container.ts";
import { createLeases } from "../../shared/clients/storage/lease.ts";
import { createRecords } from "../../shared/clients/storage/records.ts";
import { EMPTY_FLOW_MEMORY, type Flow, type FlowMemory, type PassRequest } from "../../shared/model/flow.ts";
import { type ClusterId, parseClusterId } from "../../shared/model/ids.ts";
import { isRecord } from "../../shared/model/json.ts";
import { type Finding, toVerdicts } from "../../shared/model/verdict.ts";
import { MINUTE } from "../build.ts";
import { storageToken } from "../packages.ts";
import type { World } from "../world.ts";

/** What the flow of these tests reads; a test decides what it returns, and may wait or fail in it. */
export interface CountDeps {
  readonly count: (cluster: ClusterId) => Promise<number>;
}

export interface CountMemory extends FlowMemory {
  /** Passes since the last resync. */
  readonly passes: number;
}

/** A flow that only counts: its finding is whether there are any, and it is due again in 7 minutes. */
export const countFlow: Flow<CountDeps, CountMemory, number> = {
  name: "count",
  limitMs: MINUTE,
  emptyMemory: { ...EMPTY_FLOW_MEMORY, passes: 0 },
  parseMemory: (stored) => {
    const passes = isRecord(stored) ? stored["passes"] : undefined;
    return typeof passes === "number" ? { ...EMPTY_FLOW_MEMORY, ...Object(stored), passes } : undefined;
  },
  forgetWaits: (memory) => ({ ...memory, passes: 0 }),
  observe: (_, { cluster, deps }) => deps.count(cluster),
  recordObservation: (memory) => ({ ...memory, passes: memory.passes + 1 }),
  plan: (count, memory, { cluster, startedAt }) => {
    const finding: Finding = { subject: { kind: "cluster", cluster }, state: count > 0 ? "in-sync" : "waiting" };
    return { actions: [], verdicts: toVerdicts([finding], memory.since, startedAt), requeueAt: startedAt + 7 * MINUTE };
  },
  act: async () => [],
  remember: (memory) => memory,
  summarize: (count) => [`${count} nodes`],
};

/** The same, due every minute, with nothing to remember but when it last listed. */
export const restingFlow: Flow<CountDeps, CountMemory, number> = {
  ...countFlow,
  name: "resting",
  recordObservation: (memory, _, { startedAt }) => ({ ...memory, listedAt: startedAt }),
  plan: (...args) => ({ ...countFlow.plan(...args), requeueAt: args[2].startedAt + MINUTE }),
};

/** Returns the id of the nth cluster of a subscription. */
export function clusterId(n: number): ClusterId {
  return parseClusterId(`/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c${n}`);
}

/** Returns dependencies with real records and leases in a container of the world's storage. */
export function countDeps(world: World, now: () => number, count: CountDeps["count"]) {
  const state = () => openContainer(`${world.hostAccountUrl}/loop`, async () => storageToken(world));
  return { count, state, records: createRecords(state), leases: createLeases(state), now };
}

/** Returns the request for a pass of this cause, with every action allowed. */
export function passRequest(cause: PassRequest["cause"]): PassRequest {
  return { cause, policy: () => undefined, signal: AbortSignal.timeout(60_000) };
}
