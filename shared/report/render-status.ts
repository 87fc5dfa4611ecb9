import { compareTexts } from "../model/order.ts";
import type { EpochMs } from "../model/time.ts";
import { clusterStatus } from "./cluster-status.ts";
import { describeTime } from "./describe.ts";
import { byLevel, worstOf } from "./levels.ts";
import type { AppFacts } from "./remedy-context.ts";
import type { ClusterStatus, Status } from "./status.ts";
import type { StoredCluster } from "./stored-flow.ts";

/** One year before Azure retires the DSC extension (Azure: DSC extension retirement, 2028-03-31). */
const RETIREMENT_NOTICE_FROM = Date.UTC(2027, 2, 31);
const RETIREMENT_NOTICE =
  "Azure retires the DSC extension, by which this app installs the exporter, on 2028-03-31. The README names the alternatives.";

/** Returns the status of every cluster: joins what the last passes stored, and decides nothing. */
export function renderStatus(stored: readonly StoredCluster[], app: AppFacts, at: EpochMs): Status {
  const clusters = stored.map((each) => clusterStatus(each, app, at));
  return {
    schema: 1,
    at: describeTime(at),
    app: { name: app.name, version: app.version, mode: app.mode },
    level: worstOf(clusters.map(({ level }) => level)),
    notices: at >= RETIREMENT_NOTICE_FROM ? [RETIREMENT_NOTICE] : [],
    clusters: clusters.toSorted(
      (a, b) =>
        byLevel(a, b) ||
        withoutMetrics(b) - withoutMetrics(a) ||
        compareTexts(a.name, b.name) ||
        compareTexts(a.cluster, b.cluster),
    ),
  };
}

function withoutMetrics({ pools }: ClusterStatus): number {
  return pools.flatMap(({ nodes }) => nodes).filter(({ hasMetrics }) => !hasMetrics).length;
}
