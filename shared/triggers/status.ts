import * as v from "valibot";
import packageJson from "../../package.json" with { type: "json" };
import { describeFailure } from "../clients/errors.ts";
import type { Dependencies } from "../dependencies.ts";
import { FLOWS } from "../flows.ts";
import type { ClusterId } from "../model/ids.ts";
import { isRecord } from "../model/json.ts";
import { redact } from "../model/redact.ts";
import { parseReport } from "../model/report.ts";
import { epochMs } from "../model/schema.ts";
import { type EpochMs, SECOND_MS } from "../model/time.ts";
import { blobName, type PassTarget, readMemory, type StorageDeps } from "../reconcile/blobs.ts";
import { isOverdue } from "../reconcile/due.ts";
import { isUnserved, readRequest } from "../reconcile/requests.ts";
import type { AppFacts } from "../report/remedy-context.ts";
import { renderStatus } from "../report/render-status.ts";
import type { Status } from "../report/status.ts";
import type { FoundReport, StoredCluster, StoredFlow } from "../report/stored-flow.ts";

const { version } = packageJson;

/** A person is waiting for the page. */
const READ_WITHIN_MS = 30 * SECOND_MS;

/** The status, and what it means for a probe. */
export interface StatusAnswer {
  readonly status: Status;
  /** 503 if a flow no longer runs, 502 if a report cannot be read, else 200. */
  readonly code: 200 | 502 | 503;
}

/**
 * Returns the status of every cluster from the last reports; observes nothing. `origin` is that of the app's URL, which
 * commands contain.
 */
export async function readStatus(deps: Dependencies, origin: string): Promise<StatusAnswer> {
  const { config, records, now } = deps;
  const { AKS_CLUSTER_IDS: clusters, CLUSTER_CONCURRENCY: concurrency } = config;
  const signal = AbortSignal.timeout(READ_WITHIN_MS);
  const principalId = deps.readPrincipalId(signal);
  const stored: StoredCluster[] = [];
  for (let start = 0; start < clusters.length; start += concurrency) {
    const some = clusters.slice(start, start + concurrency);
    stored.push(...(await Promise.all(some.map((cluster) => readCluster({ records, now }, cluster, signal)))));
  }
  const flows = stored.flatMap((each) => each.flows);
  const isOverdue = flows.some(({ overdueSince }) => overdueSince !== undefined);
  const isUnread = flows.some(({ report }) => typeof report === "object" && "unread" in report);
  const status = renderStatus(stored, appFacts(deps, { origin, principalId: await principalId }), now());
  return { status, code: isOverdue ? 503 : isUnread ? 502 : 200 };
}

function appFacts({ config }: Dependencies, known: Pick<AppFacts, "origin" | "principalId">): AppFacts {
  return {
    ...known,
    name: config.OWNER,
    version,
    mode: config.MODE,
    clusters: config.AKS_CLUSTER_IDS,
    site: config.WEBSITE_SITE_NAME,
    namespace: config.SCRAPE_NAMESPACE,
    packageContainerUrl: config.PACKAGE_CONTAINER_URL,
    stateContainerUrl: config.STATE_CONTAINER_URL,
  };
}

async function readCluster(deps: StorageDeps, cluster: ClusterId, signal: AbortSignal): Promise<StoredCluster> {
  return { cluster, flows: await Promise.all(FLOWS.map((flow) => readFlow(deps, { flow, cluster }, signal))) };
}

async function readFlow({ records, now }: StorageDeps, target: PassTarget, signal: AbortSignal): Promise<StoredFlow> {
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
    };
  } catch (error) {
    const report = { unread: describeFailure(error) };
    const nothing = {
      requeueAt: undefined,
      overdueSince: undefined,
      unservedLease: undefined,
      failingSince: undefined,
      timeline: [],
    };
    return { flow, report, isRequested: false, ...nothing };
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
