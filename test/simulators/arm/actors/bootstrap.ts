import { putModel } from "../aks-calls.ts";
import type { Engine } from "../engine.ts";
import { beginAksOperation } from "./aks-operation.ts";
import { findPool } from "./place.ts";

/** Which settings of vmssCSE AKS changes, and whether it keeps the extensions of others in the model. */
export type BootstrapChange = { change: "settings" | "protectedSettings"; keepForeign?: boolean };

/**
 * Changes AKS's own extension vmssCSE in the model of a pool. Existing instances keep the old one: an upgrade of one of
 * them runs AKS's bootstrap again on a live node, which `world.violations` records.
 */
export function rewriteBootstrap(
  engine: Engine,
  { clusterId, pool: poolName }: { clusterId: string; pool: string },
  { change, keepForeign = false }: BootstrapChange,
): void {
  const { cluster, pool } = findPool(engine, clusterId, poolName);
  beginAksOperation(engine, { cluster, pools: [pool] }, "Updating", async () => {
    const changed =
      change === "settings"
        ? { settings: { timestamp: Math.floor(engine.flow.clock.now() / 1000) } }
        : { protectedSettings: { commandToExecute: `… ${engine.flow.guid()}` } };
    pool.bootstrap = { ...pool.bootstrap, ...changed };
    await engine.flow.wait(engine.durations.reconcile / 2);
    await putModel(engine, cluster, pool, { keepForeign });
    await engine.flow.wait(engine.durations.reconcile / 2);
  });
}
