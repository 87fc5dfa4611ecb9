import type { ClusterId, ScaleSetId } from "../model/ids.ts";
import type { Names } from "../model/refusal.ts";

/** What the app knows of itself; commands contain it. */
export interface AppFacts {
  /** The setting OWNER, by default the name of the function app. */
  readonly name: string;
  readonly version: string;
  readonly mode: "observe" | "install";
  readonly clusters: readonly ClusterId[];
  /** Origin of the app's URL. */
  readonly origin: string;
  /** Name of the function app; undefined outside Azure. */
  readonly site: string | undefined;
  /** Object ID of the app's identity; undefined if it could not be read. */
  readonly principalId: string | undefined;
  /** The setting SCRAPE_NAMESPACE. */
  readonly namespace: string;
  /** The names in the setting UNINSTALL_POOLS. */
  readonly uninstallPools: readonly string[];
  readonly packageContainerUrl: string;
  readonly stateContainerUrl: string;
  /** The setting GRAFANA_URL. */
  readonly grafanaUrl: string | undefined;
}

/** What a remedy is about. */
export interface RemedyContext {
  readonly app: AppFacts;
  readonly cluster: ClusterId;
  readonly pool?: string;
  readonly scaleSet?: ScaleSetId;
  readonly instanceId?: string;
  readonly node?: string;
  /** Whether other nodes of the pool are well with the same package. */
  readonly othersAreWell?: boolean;
  readonly names: Names;
}

/** A command for bash with every value that the app knows; undefined if one is missing. */
export type Command = (ctx: RemedyContext) => string | undefined;
