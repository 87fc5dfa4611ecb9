import type { Lease, Leases } from "../clients/storage/lease.ts";
import type { Records } from "../clients/storage/records.ts";
import type { Policy } from "../model/action.ts";
import type { Cause, Flow, Report } from "../model/flow.ts";
import type { ClusterId } from "../model/ids.ts";
import { isRecord } from "../model/json.ts";
import type { EpochMs } from "../model/time.ts";
import { folderOf, noteLookAgain, takeLookAgain } from "./requests.ts";

/** What makes a pass happen, and what bounds it. */
export interface PassRequest {
  readonly cause: Cause;
  readonly policy: Policy;
  readonly signal: AbortSignal;
}

/** What a flow remembers, as it was stored, and how it is stored again. */
interface StoredMemory {
  readonly value: unknown;
  /** Only over the version that was read or written last. */
  save(value: unknown): Promise<void>;
}

/** A pass's right to run: until `signal` aborts it may act, until the lease is lost it may write down what it did. */
export interface Turn extends PassRequest {
  readonly memory: StoredMemory;
  saveReport(report: Report): Promise<void>;
}

/** What became of a request: the report of its pass, or that somebody else's pass does or did what it asked for. */
export type TurnResult = Report | "held" | "answered";

interface Means {
  readonly records: Records;
  readonly leases: Leases;
  readonly now: () => EpochMs;
}

/** Events come in bursts: within this of a pass's start they leave their note to the timer. */
const SPACING_MS = 10_000;
/** What a pass did is written down even when its own time is up. */
const SAVE_LIMIT_MS = 10_000;

/**
 * Runs a pass alone. Who finds the lease held leaves the note "look again"; the holder reads it before it lets go, and
 * runs once more. An event whose note is gone was answered by a pass that began after it.
 */
export async function takeTurn(
  cluster: ClusterId,
  flow: Flow,
  { means, limitMs, ...request }: PassRequest & { readonly means: Means; readonly limitMs: number },
  pass: (turn: Turn) => Promise<Report>,
): Promise<TurnResult> {
  const { records, leases, now } = means;
  const isEvent = request.cause === "event";
  const lease = await leases.acquire(`leases/${folderOf(cluster)}/${flow}`, request.signal);
  if (!lease) {
    // An event has left its note already.
    if (!isEvent) await noteLookAgain(records, cluster, { flow, at: now(), why: request.cause }, request.signal);
    return "held";
  }
  const signal = AbortSignal.any([request.signal, lease.signal, AbortSignal.timeout(limitMs)]);
  const run = async (cause: Cause): Promise<Report> =>
    pass({ ...request, cause, signal, ...(await openTurn(cluster, flow, records, lease)) });
  try {
    if (isEvent && (await isTooSoon(cluster, flow, means, signal))) return "answered";
    const isNoted = await takeLookAgain(records, cluster, flow, signal);
    if (isEvent && !isNoted) return "answered";
    const report = await run(request.cause);
    if (now() - report.startedAt < SPACING_MS || signal.aborted) return report;
    return (await takeLookAgain(records, cluster, flow, signal)) ? await run("note") : report;
  } finally {
    await lease.release();
  }
}

/** Reads the flow's memory without a lease: for plans that are not performed, and to see whether a pass is due. */
export async function readMemory(
  records: Records,
  cluster: ClusterId,
  flow: Flow,
  signal: AbortSignal,
): Promise<unknown> {
  return (await records.read(memoryName(cluster, flow), signal))?.value;
}

async function openTurn(
  cluster: ClusterId,
  flow: Flow,
  records: Records,
  lease: Lease,
): Promise<Pick<Turn, "memory" | "saveReport">> {
  const name = memoryName(cluster, flow);
  const stored = await records.read(name, lease.signal);
  const saving = () => AbortSignal.any([lease.signal, AbortSignal.timeout(SAVE_LIMIT_MS)]);
  let etag = stored?.etag;
  return {
    memory: {
      value: stored?.value,
      save: async (value) => {
        etag = await records.write(name, value, etag === undefined ? "absent" : { etag }, saving());
      },
    },
    saveReport: async (report) => {
      await records.write(reportName(cluster, flow), report, "any", saving());
    },
  };
}

async function isTooSoon(
  cluster: ClusterId,
  flow: Flow,
  { records, now }: Means,
  signal: AbortSignal,
): Promise<boolean> {
  const memory = await readMemory(records, cluster, flow, signal);
  const startedAt = isRecord(memory) ? memory["startedAt"] : undefined;
  return typeof startedAt === "number" && now() - startedAt < SPACING_MS;
}

function memoryName(cluster: ClusterId, flow: Flow): string {
  return `memory/${folderOf(cluster)}/${flow}.json`;
}

/** Where a flow's last report of a cluster is. */
export function reportName(cluster: ClusterId, flow: Flow): string {
  return `reports/${folderOf(cluster)}/${flow}.json`;
}
