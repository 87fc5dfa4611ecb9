import type { Action } from "./action.ts";
import { APP_ACTIONS } from "./actions/app.ts";
import { AZURE_ACTIONS } from "./actions/azure.ts";
import { CLUSTER_ACTIONS } from "./actions/cluster.ts";
import { INSTANCE_ACTIONS } from "./actions/instances.ts";
import { POOL_ACTIONS } from "./actions/pools.ts";
import { TIME_ACTIONS } from "./actions/time.ts";

/** Everything that can be made to happen, by the part of the page and of docs/sandbox.md that shows it. */
export const SECTIONS: Readonly<Record<string, readonly Action[]>> = {
  pools: POOL_ACTIONS,
  instances: INSTANCE_ACTIONS,
  cluster: CLUSTER_ACTIONS,
  azure: AZURE_ACTIONS,
  app: APP_ACTIONS,
  time: TIME_ACTIONS,
};

export const ACTIONS: readonly Action[] = Object.values(SECTIONS).flat();
