import type { Assignment } from "../authenticate.ts";
import type { Engine } from "../engine.ts";
import { autoscale } from "./autoscaler.ts";
import { type BootstrapChange, rewriteBootstrap } from "./bootstrap.ts";
import { failRequests, type RequestFailure } from "./faults.ts";
import { deleteLock, lockId, setLock } from "./locks.ts";
import { findCluster, findPool } from "./place.ts";
import { exempt, watchWrites } from "./policy.ts";
import { start, type StartOptions, stop, type StopOptions } from "./power.ts";
import { assign, restore, revoke, type RoleChoice } from "./roles.ts";
import { evict } from "./spot.ts";
import type { ExtensionPolicy, Lock } from "./state.ts";
import { hold, release } from "./stuck.ts";
import { type ClusterChange, update } from "./update.ts";

/**
 * What else acts on a real cluster besides AKS's operations on pools. Clusters are named by resource ID, pools and scale
 * sets by name. Each call returns once it has begun, and its work proceeds with the clock; an ArmError says why not.
 */
export class Actors {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
    engine.listeners.push((entry) => watchWrites(engine, entry));
  }

  /** The cluster autoscaler scales a pool to `count` instances. */
  async autoscale(clusterId: string, pool: string, count: number): Promise<void> {
    autoscale(this.#engine, clusterId, pool, count);
  }

  /** Azure evicts a spot instance. */
  async evict(scaleSet: string, id: string, policy: "Delete" | "Deallocate"): Promise<void> {
    evict(this.#engine, scaleSet, id, policy);
  }

  /** Assigns a policy; one with the same name is replaced. Later writes of a model are subject to it. */
  async assignPolicy(policy: ExtensionPolicy): Promise<void> {
    await this.removePolicy(policy.name);
    this.#engine.actors.policies.push({ ...policy });
  }

  /** Removes the assignment of a policy, if there is one. */
  async removePolicy(name: string): Promise<void> {
    const { actors } = this.#engine;
    actors.policies = actors.policies.filter((policy) => policy.name !== name);
  }

  /** Locks the node resource group of a cluster; a lock of the other level is replaced. */
  async lock(clusterId: string, level: Lock["level"]): Promise<void> {
    setLock(this.#engine, findCluster(this.#engine, clusterId), level);
  }

  /** Removes the lock on the node resource group of a cluster, if there is one. */
  async unlock(clusterId: string): Promise<void> {
    setLock(this.#engine, findCluster(this.#engine, clusterId), undefined);
  }

  /** Returns the resource IDs of all locks. */
  async listLocks(): Promise<readonly string[]> {
    return this.#engine.actors.locks.map(lockId);
  }

  /** Deletes a lock by its resource ID; throws a 404 if there is none. */
  async deleteLock(id: string): Promise<void> {
    deleteLock(this.#engine, id);
  }

  /** Exempts a scope from the assignment of a policy, by the assignment's resource ID. */
  async exempt(assignmentId: string, scope: string): Promise<void> {
    exempt(this.#engine, assignmentId, scope);
  }

  /** Assigns a role to a principal, by its object ID. */
  async assignRole(oid: string, assignment: Assignment): Promise<void> {
    assign(this.#engine, oid, assignment);
  }

  /** Takes role assignments away from a principal, by its name in the journal. */
  async revokeRole(principal: string, choice: RoleChoice): Promise<void> {
    revoke(this.#engine, principal, choice);
  }

  /** Gives a principal back all role assignments that were taken away. */
  async restoreRoles(principal: string): Promise<void> {
    restore(this.#engine, principal);
  }

  /** Updates a cluster, as an operator does who writes it: AKS tries again what had failed. */
  async updateCluster(clusterId: string, change: ClusterChange = {}): Promise<void> {
    update(this.#engine, clusterId, change);
  }

  async stopCluster(clusterId: string, options: StopOptions = {}): Promise<void> {
    stop(this.#engine, { clusterId }, options);
  }

  async startCluster(clusterId: string, options: StartOptions = {}): Promise<void> {
    start(this.#engine, { clusterId }, options);
  }

  async stopPool(clusterId: string, pool: string, options: StopOptions = {}): Promise<void> {
    stop(this.#engine, { clusterId, pool }, options);
  }

  async startPool(clusterId: string, pool: string, options: StartOptions = {}): Promise<void> {
    start(this.#engine, { clusterId, pool }, options);
  }

  /** AKS begins to update a cluster, or one of its pools, and does not end until `release`. */
  async hold(clusterId: string, pool?: string): Promise<void> {
    hold(this.#engine, { clusterId, pool });
  }

  /** Ends the update that `hold` began. */
  async release(clusterId: string, state: "Succeeded" | "Failed", pool?: string): Promise<void> {
    release(this.#engine, { clusterId, pool }, state);
  }

  /** AKS changes its own extension in the model of a pool. */
  async rewriteBootstrap(clusterId: string, pool: string, change: BootstrapChange): Promise<void> {
    rewriteBootstrap(this.#engine, { clusterId, pool }, change);
  }

  /** Sets whether AKS restarts each new node of a pool after its own extension ended, as in GPU pools. */
  async restartFreshNodes(clusterId: string, pool: string, enabled: boolean): Promise<void> {
    const { set } = findPool(this.#engine, clusterId, pool);
    if (enabled) this.#engine.actors.restartsFreshNodes.add(set.id);
    else this.#engine.actors.restartsFreshNodes.delete(set.id);
  }

  /** Makes ARM answer the next matching requests with an error. */
  async failRequests(failure: RequestFailure): Promise<void> {
    failRequests(this.#engine, failure);
  }

  /** Ends all failures of requests. */
  async clearFailures(): Promise<void> {
    this.#engine.faults.length = 0;
  }
}
