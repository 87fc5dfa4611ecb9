import type { Caller } from "./authenticate.ts";
import type { Engine } from "./engine.ts";
import { emitWrite } from "./events.ts";
import { ArmError, type ErrorBody, type Failure } from "./http.ts";
import type { Operation, ScaleSet } from "./world.ts";

/** A write, as it appears in events and in the journal. */
export interface Write {
  scaleSet: ScaleSet;
  caller: Caller;
  method: string;
  action: string;
  /** The resource that is written: a scale set, or an extension of one. */
  resource: string;
  url: string;
}

/** The error of an operation that a newer one preempted. */
export const PREEMPTED: ErrorBody = {
  code: "OperationPreempted",
  message: "Operation execution has been preempted by a more recent operation.",
};

/** The error of a write during another one, if Compute refuses it. */
export const CONFLICT: ErrorBody = {
  code: "Conflict",
  message:
    "The request failed due to conflict with a concurrent request. To resolve it, please refer to " +
    "https://aka.ms/activitylog to get more details on the conflicting requests.",
};

/** Ends an operation in progress with an error. */
const preemptions = new WeakMap<Operation, (error: ArmError) => void>();

/** Returns the operations in progress on a scale set: at most one, except while another one preempts it. */
export function operationsOn({ world }: Engine, scaleSet: ScaleSet): Operation[] {
  return world.operations.filter((one) => one.scaleSet === scaleSet.id && one.status === "InProgress");
}

/** Accepts a write, or throws a 409. `work` starts at once; an ArmError that it throws fails the operation. */
export function startOperation(
  engine: Engine,
  write: Write,
  work: () => Promise<void>,
): { operation: Operation; ended: Promise<Failure> } {
  const older = operationsOn(engine, write.scaleSet);
  if (older.length > 0 && engine.unknowns.conflict === "refuse") throw new ArmError(409, CONFLICT);
  for (const one of older) preemptions.get(one)?.(new ArmError(409, PREEMPTED));
  const operation: Operation = {
    id: engine.flow.guid(),
    scaleSet: write.scaleSet.id,
    owner: write.caller.oid,
    startTime: engine.flow.clock.now(),
    status: "InProgress",
  };
  engine.world.operations.push(operation);
  write.scaleSet.state = "Updating";
  const cutOff = new Promise<never>((_, reject) => preemptions.set(operation, reject));
  const ended = outcome(Promise.race([work(), cutOff])).then((failure) => {
    const error = failure ?? oldFailure(engine, write.scaleSet);
    operation.status = error ? "Failed" : "Succeeded";
    operation.endTime = engine.flow.clock.now();
    if (error) operation.error = error;
    if (operationsOn(engine, write.scaleSet).length === 0) write.scaleSet.state = operation.status;
    emitWrite(engine, write, !error);
    return error;
  });
  engine.flow.spawn(ended);
  return { operation, ended };
}

/** Returns the failure of an instance, for an operation that has none itself. */
function oldFailure({ unknowns }: Engine, { upgradePolicy, instances }: ScaleSet): Failure {
  if (!unknowns.oldFailureFailsOperations || upgradePolicy.mode !== "Manual") return undefined;
  return instances.find(({ state }) => state === "Failed")?.failure;
}

/** Returns the failure of the work, if any; rethrows errors of the simulator itself. */
export async function outcome(work: Promise<void>): Promise<Failure> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof ArmError) return error.error;
    throw error;
  }
}

/** Throws the first of the failures, if any; this ends an operation. */
export function failWith(failures: readonly Failure[]): void {
  const first = failures.find((failure) => failure !== undefined);
  if (first) throw new ArmError(409, first);
}
