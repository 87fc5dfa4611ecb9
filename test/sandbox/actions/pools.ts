import * as v from "valibot";
import { action } from "../action.ts";
import { choice, count, flag, text } from "../input.ts";

const at = { pool: "win1" };
const FOREIGN = choice(["drop", "keep"]);
/** How AKS stops a pool or a cluster. */
export const STOP = { instances: v.optional(choice(["deallocate", "delete"])) };
/** AKS writes its model when it starts a pool; without a choice, it drops the extensions of others. */
export const START = { foreign: v.optional(FOREIGN) };
/** How an operation that does not end by itself ends. */
export const RELEASE = { state: choice(["Succeeded", "Failed"]) };

/** What AKS and its autoscaler do to a node pool. */
export const POOL_ACTIONS = [
  action({
    path: "/world/pools/{pool}/scale",
    says: ({ pool, count }) => `AKS scales ${pool} to ${count} nodes`,
    buttons: { "Scale to 5": {} },
    example: { ...at, count: 5 },
    isAks: true,
    body: { count: count(0) },
    run: ({ world: { arm, cluster } }, { pool, count }) => arm.aks.scale(cluster.id, pool, count),
  }),
  action({
    path: "/world/pools/{pool}/bootstrap",
    says: ({ change, pool }) => `AKS changes the ${change} of its own vmssCSE in ${pool}`,
    buttons: { "Change vmssCSE": {} },
    example: { ...at, change: "settings", foreign: "drop" },
    isAks: true,
    body: { change: choice(["settings", "protectedSettings"]), foreign: v.optional(FOREIGN) },
    run: ({ world: { arm, cluster } }, { pool, change, foreign }) =>
      arm.actors.rewriteBootstrap(cluster.id, pool, { change, keepForeign: foreign === "keep" }),
  }),
  action({
    path: "/world/pools/{pool}/upgrade",
    says: ({ pool, image }) => `AKS upgrades ${pool} to image ${image}`,
    buttons: { "Upgrade the image": {} },
    example: { ...at, image: "20348.9999" },
    isAks: true,
    body: { image: text() },
    run: ({ world: { arm, cluster } }, { pool, image }) => arm.aks.upgrade(cluster.id, pool, { image }),
  }),
  action({
    path: "/world/pools/{pool}/reconcile",
    says: ({ pool }) => `AKS reconciles ${pool}`,
    buttons: { Reconcile: {} },
    example: at,
    isAks: true,
    body: {},
    run: ({ world: { arm, cluster } }, { pool }) => arm.aks.reconcile(cluster.id, pool),
  }),
  action({
    path: "/world/pools/{pool}/autoscale",
    says: ({ pool, count }) => `The autoscaler scales ${pool} to ${count} nodes`,
    buttons: { "Autoscale to 8": {} },
    example: { ...at, count: 8 },
    isAks: true,
    body: { count: count(0) },
    run: ({ world: { arm, cluster } }, { pool, count }) => arm.actors.autoscale(cluster.id, pool, count),
  }),
  action({
    path: "/world/pools/{pool}/stop",
    says: ({ pool }) => `AKS stops ${pool}`,
    buttons: { Stop: {} },
    example: at,
    isAks: true,
    body: STOP,
    run: ({ world: { arm, cluster } }, { pool, ...how }) => arm.actors.stopPool(cluster.id, pool, defined(how)),
  }),
  action({
    path: "/world/pools/{pool}/start",
    says: ({ pool }) => `AKS starts ${pool}`,
    buttons: { Start: {} },
    example: at,
    isAks: true,
    body: START,
    run: ({ world: { arm, cluster } }, { pool, foreign }) =>
      arm.actors.startPool(cluster.id, pool, { keepForeign: foreign === "keep" }),
  }),
  action({
    path: "/world/pools/{pool}/hold",
    says: ({ pool }) => `AKS updates ${pool} and does not end`,
    holds: ({ pool }) => [`hold ${pool}`, `AKS does not end its update of ${pool}`],
    buttons: { Hang: {} },
    example: at,
    body: {},
    run: ({ world: { arm, cluster } }, { pool }) => arm.actors.hold(cluster.id, pool),
  }),
  action({
    path: "/world/pools/{pool}/release",
    says: ({ pool, state }) => `AKS ends the update of ${pool}: ${state}`,
    holds: ({ pool }) => [`hold ${pool}`, undefined],
    buttons: { "End the hanging": {} },
    example: { ...at, state: "Succeeded" },
    isAks: true,
    body: RELEASE,
    run: ({ world: { arm, cluster } }, { pool, state }) => arm.actors.release(cluster.id, state, pool),
  }),
  action({
    path: "/world/pools/{pool}/restart-fresh-nodes",
    says: ({ pool, enabled }) => `AKS ${enabled ? "restarts each new node" : "restarts no new node"} of ${pool}`,
    holds: ({ pool, enabled }) => [`restarts ${pool}`, enabled ? `AKS restarts each new node of ${pool}` : undefined],
    buttons: { "Restart new nodes": {}, "Restart none": { enabled: false } },
    example: { ...at, enabled: true },
    body: { enabled: flag() },
    run: ({ world: { arm, cluster } }, { pool, enabled }) => arm.actors.restartFreshNodes(cluster.id, pool, enabled),
  }),
];

/** Returns only the values that are there. */
export function defined<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const there = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there) as { [K in keyof T]: Exclude<T[K], undefined> };
}
