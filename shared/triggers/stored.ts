import * as v from "valibot";
import { describeFailure } from "../clients/errors.ts";
import type { Dependencies } from "../dependencies.ts";
import { FLOWS } from "../flows.ts";
import type { Flow } from "../model/flow.ts";
import type { ClusterId } from "../model/ids.ts";
import { isRecord } from "../model/json.ts";
import { redact } from "../model/redact.ts";
import { parseReport } from "../model/report.ts";
import { epochMs } from "../model/schema.ts";
import { type EpochMs, SECOND_MS } from "../model/time.ts";
import { blobName, type PassTarget, readMemory, type StorageDeps } from "../reconcile/blobs.ts";
import { isOverdue, nextRecordAt } from "../reconcile/due.ts";
import { readPauses } from "../reconcile/pauses.ts";
import { isUnserved, readRequest } from "../reconcile/requests.ts";
import { type FoundReport, NOTHING_STORED, type StoredCluster, type StoredFlow } from "../report/stored-flow.ts";

/** A person is waiting for the page, or a scrape for its answer. */
const READ_WITHIN_MS = 30 * SECOND_MS;

/** Reads what the passes of each cluster stored. Observes nothing; what cannot be read is part of the result. */
export async function readStored(
  { config: { CLUSTER_CONCURRENCY: concurrency }, records, now }: Dependencies,
  clusters: readonly ClusterId[],
): Promise<readonly StoredCluster[]> {
  const signal = AbortSignal.timeout(READ_WITHIN_MS);
  const stored: StoredCluster[] = [];
  for (let start = 0; start < clusters.length; start += concurrency) {
    const some = clusters.slice(start, start + concurrency);
    stored.push(...(await Promise.all(some.map((cluster) => readCluster({ records, now }, cluster, signal)))));
  }
  return stored;
}

async function readCluster(deps: StorageDeps, cluster: ClusterId, signal: AbortSignal): Promise<StoredCluster> {
  const [pauses, ...flows] = await Promise.all([
    readPauses(deps, cluster, signal).catch(() => "unreadable" as const),
    ...FLOWS.map((flow) => readFlow(deps, { flow, cluster }, signal)),
  ]);
  return { cluster, flows, pauses };
}

async function readFlow(
  { records, now }: StorageDeps,
  target: PassTarget & { readonly flow: Pick<Flow<never>, "measure"> },
  signal: AbortSignal,
): Promise<StoredFlow> {
  const flow = target.flow.name;
  try {
    const [report, { memory }, request] = await Promise.all([
      records.read(blobName("reports", target), signal),
      readMemory(records, target, signal),
      readRequest(records, target, signal),
    ]);
    return {
      flow,
      report: reportIn(report),
      requeueAt: validTime(memory.requeueAt),
      isRequested: request !== undefined,
      overdueSince: isOverdue(memory, now()) ? memory.startedAt : undefined,
      unservedLease: isUnserved(request, now()) ? blobName("leases", target) : undefined,
      failingSince: memory.failingSince,
      timeline: memory.timeline,
      totals: memory.totals,
      dueAt: nextRecordAt(memory),
      measurements: target.flow.measure?.(memory) ?? [],
    };
  } catch (error) {
    return { ...NOTHING_STORED, flow, report: { unread: describeFailure(error) } };
  }
}

function reportIn(stored: { readonly value: unknown } | undefined): FoundReport {
  if (!stored) return "none";
  return parseReport(redacted(stored.value)) ?? "unknown-shape";
}

/** Redacts every text of a stored value: another version of the app may have written it. */
function redacted(value: unknown): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map(redacted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, redacted(each)]));
}

/** Returns undefined for memory that was never written (0) and for a time that cannot be formatted. */
function validTime(at: EpochMs): EpochMs | undefined {
  return at > 0 && v.is(epochMs, at) ? at : undefined;
}
