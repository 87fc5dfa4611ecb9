import type { CallFailure } from "../../shared/model/failure.ts";
import { NO_PAUSES } from "../../shared/model/pauses.ts";
import type { Report } from "../../shared/model/report.ts";
import type { Verdict } from "../../shared/model/verdict.ts";
import type { AppFacts } from "../../shared/report/remedy-context.ts";
import { renderStatus } from "../../shared/report/render-status.ts";
import type { ClusterStatus, Status } from "../../shared/report/status.ts";
import { NOTHING_STORED, type StoredCluster, type StoredFlow } from "../../shared/report/stored-flow.ts";
import { CLUSTER_ID, MINUTE, NOW } from "../build.ts";

export const APP: AppFacts = {
  name: "func-awm",
  version: "0.1.0",
  mode: "install",
  clusters: [CLUSTER_ID],
  origin: "https://func-awm.azurewebsites.net",
  site: "func-awm",
  principalId: "00000000-0000-4000-8000-0000000000a1",
  namespace: "monitoring",
  uninstallPools: [],
  packageContainerUrl: "https://packages.blob.core.windows.net/packages",
  stateContainerUrl: "https://host.blob.core.windows.net/aks-windows-metrics",
  grafanaUrl: undefined,
};

/** Returns the report of a pass that ended a minute ago. */
export function report(verdicts: readonly Verdict[], over: Partial<Report> = {}): Report {
  return {
    cluster: CLUSTER_ID,
    flow: "extension",
    cause: "timer",
    startedAt: NOW - 2 * MINUTE,
    endedAt: NOW - MINUTE,
    warnings: [],
    observed: ["cluster shop is Succeeded"],
    plan: { actions: [], verdicts, requeueAt: NOW + 13 * MINUTE },
    outcomes: [],
    ...over,
  };
}

/** Returns the report of a pass that could not observe. */
export function failedReport(failure: CallFailure, last?: Report): Report {
  const { failure: _, lastObserved: __, ...lastObserved } = last ?? report([]);
  const plan = { actions: [], verdicts: [], requeueAt: NOW + MINUTE };
  return { ...report([]), observed: [], plan, failure, ...(last && { lastObserved }) };
}

export function stored(found: StoredFlow["report"], over: Partial<StoredFlow> = {}): StoredFlow {
  return { ...NOTHING_STORED, flow: "extension", report: found, ...over };
}

export function statusOf(...clusters: readonly Omit<StoredCluster, "pauses">[]): Status {
  return renderStatus(
    clusters.map((each) => ({ ...each, pauses: NO_PAUSES })),
    APP,
    NOW,
  );
}

/** Returns the status of one cluster. */
export function shop(...flows: readonly StoredFlow[]): ClusterStatus {
  const [cluster] = statusOf({ cluster: CLUSTER_ID, flows }).clusters;
  if (!cluster) throw new RangeError("there is no cluster");
  return cluster;
}
