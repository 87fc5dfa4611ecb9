import { isWithin } from "../authorize.ts";
import type { Engine } from "../engine.ts";
import { ArmError } from "../http.ts";
import { type Cluster, same } from "../world.ts";
import type { Lock } from "./state.ts";

/** Sets the lock on a cluster's node resource group; without a level, removes it. */
export function setLock({ actors }: Engine, cluster: Cluster, level: Lock["level"] | undefined): void {
  const scope = nodeGroupOf(cluster);
  actors.locks = actors.locks.filter((lock) => lock.scope !== scope);
  if (level !== undefined) actors.locks.push({ scope, level });
}

/** Returns the resource ID of a lock. */
export function lockId({ scope, level }: Lock): string {
  return `${scope}/providers/Microsoft.Authorization/locks/${level}`;
}

/** Deletes a lock by its resource ID; throws a 404 if there is none. */
export function deleteLock({ actors }: Engine, id: string): void {
  const others = actors.locks.filter((lock) => !same(lockId(lock), id));
  if (others.length === actors.locks.length) {
    throw new ArmError(404, { code: "LockNotFound", message: `The lock '${id}' could not be found.` });
  }
  actors.locks = others;
}

/**
 * Throws ARM's 409 if a lock forbids the request. ReadOnly forbids every method but GET, CanNotDelete only DELETE: the
 * POST that deletes instances passes. Locks apply to first-party applications too.
 */
export function checkLocks({ actors }: Engine, method: string, scope: string): void {
  if (method === "GET") return;
  const word = method === "DELETE" ? "delete" : "write";
  const locked = actors.locks.find(
    (lock) => isWithin(scope, lock.scope) && (word === "delete" || lock.level === "ReadOnly"),
  );
  if (!locked) return;
  const message =
    `The scope '${scope}' cannot perform ${word} operation because following scope(s) are locked: ` +
    `'${locked.scope}'. Please remove the lock and try again.`;
  throw new ArmError(409, { code: "ScopeLocked", message });
}

/** Throws AKS's own refusal of an operation on a cluster with any lock (Azure/AKS#3291; its code is not recorded). */
export function checkNodeGroup({ actors }: Engine, cluster: Cluster): void {
  const scope = nodeGroupOf(cluster);
  if (!actors.locks.some((lock) => lock.scope === scope)) return;
  const message =
    `Resource group '${cluster.nodeResourceGroup}' under subscription: '${cluster.subscription}' is locked, ` +
    "please remove lock and retry. Please see http://aka.ms/azure-lock-resources";
  throw new ArmError(409, { code: "ScopeLocked", message });
}

function nodeGroupOf({ subscription, nodeResourceGroup }: Cluster): string {
  return `/subscriptions/${subscription}/resourceGroups/${nodeResourceGroup}`;
}
