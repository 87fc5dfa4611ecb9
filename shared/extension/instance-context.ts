import type { NodeFacts } from "../model/node.ts";
import type { Reason } from "../model/reason.ts";
import type { Instance, ScaleSetModel } from "../model/scale-set.ts";
import type { EpochMs } from "../model/time.ts";
import type { InstanceState } from "../model/verdict.ts";
import type { InstanceMemory } from "./instance-memory.ts";
import type { ScaleSetMemory } from "./memory.ts";
import type { OwnRun } from "./own-run.ts";

/** The state of one instance, with its reason and message. */
export interface InstanceVerdict {
  readonly instance: Instance;
  readonly state: InstanceState;
  readonly reason?: Reason;
  readonly message?: string;
  /** When the verdict can change without an event. */
  readonly requeueAt?: EpochMs;
}

/** What the instances of one scale set are compared with. */
export interface ClassifyContext {
  /** The marker that the instances should carry; undefined if there is no desired package and the model has none. */
  readonly marker: string | undefined;
  /** Whether that is the marker of a package that removes the exporter. */
  readonly isRemoving: boolean;
  readonly model: ScaleSetModel;
  readonly memory: ScaleSetMemory;
  /** Whether this cluster has ever shown the evidence of a run. */
  readonly showsEvidence: boolean;
  /** Recent facts of the cluster's nodes; undefined if there are none. */
  readonly nodes: NodeFacts | undefined;
  readonly now: EpochMs;
}

/** One instance with everything that a row needs. */
export interface InstanceContext extends ClassifyContext {
  readonly instance: Instance;
  readonly remembered: InstanceMemory | undefined;
  /** The last run of our extension on it. */
  readonly run: OwnRun | undefined;
  /** Whether a running operation of this app includes the instance. */
  readonly isUpgrading: boolean;
}

/** One row of the table: returns its verdict, or undefined if it does not match. */
export type InstanceRow = (ctx: InstanceContext) => Omit<InstanceVerdict, "instance"> | undefined;
