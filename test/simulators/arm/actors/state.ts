import type { Assignment } from "../authenticate.ts";
import type { Cluster, ExtensionProperties, Pool } from "../world.ts";

/** A management lock on a resource group; it also applies to all resources in it. */
export interface Lock {
  /** The resource ID of the locked resource group. */
  scope: string;
  level: "ReadOnly" | "CanNotDelete";
}

/** An assignment of Azure Policy about extensions of scale sets. */
export interface ExtensionPolicy {
  name: string;
  /** The extensions that it is about, as "publisher.type". */
  type: string;
  /**
   * - modify: changes the extension in each request that writes it, before Compute has it
   * - deny: refuses each request that writes it
   * - deployIfNotExists: writes the extension with the change after each write of the model that lacks the change
   * - remove: a deployIfNotExists whose deployment deletes the extension
   */
  effect: "modify" | "deny" | "deployIfNotExists" | "remove";
  /** The properties to change; nested objects are merged. */
  change?: ExtensionProperties;
  /** How long after a write the deployment starts, in milliseconds: ten minutes by default, as documented. */
  delayMs?: number;
}

/** What the actors have changed about Azure, until they change it back. */
export interface ActorState {
  locks: Lock[];
  policies: ExtensionPolicy[];
  /** Exemptions from policies: the name of a policy, and the resource ID of the exempt scope. */
  exemptions: { policy: string; scope: string }[];
  /** Role assignments that were taken away, and those that were added later, by the object ID of the principal. */
  revoked: Set<Assignment>;
  assigned: { oid: string; assignment: Assignment }[];
  /** Clusters and pools in an operation of AKS that does not end. */
  stuck: Set<Cluster | Pool>;
  /** Resource IDs of the scale sets whose new nodes AKS restarts. */
  restartsFreshNodes: Set<string>;
}

/** Returns the state in which no actor has done anything. */
export function newActorState(): ActorState {
  return {
    locks: [],
    policies: [],
    exemptions: [],
    revoked: new Set(),
    assigned: [],
    stuck: new Set(),
    restartsFreshNodes: new Set(),
  };
}
