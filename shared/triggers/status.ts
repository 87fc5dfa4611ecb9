import { describeFailure } from "../clients/errors.ts";
import type { Dependencies } from "../dependencies.ts";
import type { Flow } from "../model/flow.ts";
import type { ClusterId } from "../model/ids.ts";
import { isRecord } from "../model/json.ts";
import { redact } from "../model/redact.ts";
import type { EpochMs } from "../model/time.ts";
import { readMemory, reportName } from "../reconcile/exclusive.ts";
import { readLookAgain } from "../reconcile/requests.ts";
import { renderStatus, type StatusText, type StoredCluster, type StoredFlow } from "../report/status-text.ts";
import { isReport } from "../report/stored-report.ts";

const FLOWS: readonly Flow[] = ["extension", "endpoints"];
/** Somebody looks at an empty page meanwhile. */
const READ_WITHIN_MS = 30_000;

type Means = Pick<Dependencies, "records" | "now"> & {
  readonly config: Pick<Dependencies["config"], "clusters" | "clusterConcurrency" | "mode">;
};

/** The last reports of every cluster and flow in words; observes nothing, and a report that can't be read is said. */
export async function readStatus({ config, records, now }: Means): Promise<StatusText> {
  const { clusters, clusterConcurrency, mode } = config;
  const signal = AbortSignal.timeout(READ_WITHIN_MS);
  const stored: StoredCluster[] = [];
  for (let start = 0; start < clusters.length; start += clusterConcurrency) {
    const some = clusters.slice(start, start + clusterConcurrency);
    stored.push(...(await Promise.all(some.map((cluster) => readCluster(records, cluster, signal)))));
  }
  return renderStatus(stored, { at: now(), mode });
}

async function readCluster(
  records: Dependencies["records"],
  cluster: ClusterId,
  signal: AbortSignal,
): Promise<StoredCluster> {
  return { cluster, flows: await Promise.all(FLOWS.map((flow) => readFlow(records, cluster, flow, signal))) };
}

async function readFlow(
  records: Dependencies["records"],
  cluster: ClusterId,
  flow: Flow,
  signal: AbortSignal,
): Promise<StoredFlow> {
  try {
    const [report, memory, note] = await Promise.all([
      records.read(reportName(cluster, flow), signal),
      readMemory(records, cluster, flow, signal),
      readLookAgain(records, cluster, flow, signal),
    ]);
    return { flow, report: reportIn(report), requeueAt: requeueAtOf(memory), isRequested: note !== undefined };
  } catch (error) {
    return { flow, report: { failure: describeFailure(error).message }, requeueAt: undefined, isRequested: false };
  }
}

function reportIn(stored: { readonly value: unknown } | undefined): StoredFlow["report"] {
  if (!stored) return "none";
  const value = redacted(stored.value);
  return isReport(value) ? value : "unknown-shape";
}

/** Passes redact what they store; what an older version stored is redacted once more. */
function redacted(value: unknown): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map(redacted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, redacted(each)]));
}

/** A pass that failed has no plan: memory alone knows when it is tried again. */
function requeueAtOf(memory: unknown): EpochMs | undefined {
  const at = isRecord(memory) ? memory["requeueAt"] : undefined;
  return typeof at === "number" && at > 0 && !Number.isNaN(new Date(at).getTime()) ? at : undefined;
}
