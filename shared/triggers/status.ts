import packageJson from "../../package.json" with { type: "json" };
import type { Dependencies } from "../dependencies.ts";
import { SECOND_MS } from "../model/time.ts";
import type { AppFacts } from "../report/remedy-context.ts";
import { renderStatus } from "../report/render-status.ts";
import type { Status } from "../report/status.ts";
import { unreadFailure } from "../report/stored-flow.ts";
import { readStored } from "./stored.ts";

/** A command without the app's object ID is better than a page that comes late. */
const PRINCIPAL_WITHIN_MS = SECOND_MS;

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
  const [stored, principalId] = await Promise.all([
    readStored(deps, deps.config.AKS_CLUSTER_IDS),
    deps.readPrincipalId(AbortSignal.timeout(PRINCIPAL_WITHIN_MS)),
  ]);
  const flows = stored.flatMap((each) => each.flows);
  const isOverdue = flows.some(({ overdueSince }) => overdueSince !== undefined);
  const isUnread = flows.some((flow) => unreadFailure(flow) !== undefined);
  const status = renderStatus(stored, appFacts(deps, { origin, principalId }), deps.now());
  return { status, code: isOverdue ? 503 : isUnread ? 502 : 200 };
}

/** Returns what the app knows of itself. */
function appFacts({ config }: Dependencies, known: Pick<AppFacts, "origin" | "principalId">): AppFacts {
  return {
    ...known,
    name: config.OWNER,
    version: packageJson.version,
    mode: config.MODE,
    clusters: config.AKS_CLUSTER_IDS,
    site: config.WEBSITE_SITE_NAME,
    namespace: config.SCRAPE_NAMESPACE,
    uninstallPools: config.UNINSTALL_POOLS === "all" ? ["*"] : [...config.UNINSTALL_POOLS],
    packageContainerUrl: config.PACKAGE_CONTAINER_URL,
    stateContainerUrl: config.STATE_CONTAINER_URL,
    grafanaUrl: config.GRAFANA_URL,
  };
}
