import type { Engine } from "./engine.ts";
import { resourceEvent } from "./events.ts";
import type { Write } from "./events.ts";
import { ArmError } from "./http.ts";
import type { Operation, ScaleSet } from "./world.ts";

/** Makes an operation that was accepted end as Failed. */
export class OperationError extends Error {
  readonly code: string;
  readonly target: string | undefined;

  constructor(code: string, message: string, target?: string) {
    super(message);
    this.code = code;
    this.target = target;
  }
}

interface Running {
  write: Write;
  ended: PromiseWithResolvers<void>;
}

/** The long-running writes of Compute: one at a time on a scale set. */
export class Operations {
  readonly #getEngine: () => Engine;
  readonly #running = new Map<string, Running>();

  constructor(engine: () => Engine) {
    this.#getEngine = engine;
  }

  get #engine(): Engine {
    return this.#getEngine();
  }

  /** What holds the set now. */
  busy(scaleSet: ScaleSet): Operation[] {
    return this.#engine.world.operations.filter((o) => o.scaleSet === scaleSet.id && o.status === "InProgress");
  }

  /** Accepts a write, or answers 409; `work` begins at once unless it has to queue. */
  start(write: Write, work: () => Promise<void>): Operation {
    const older = this.busy(write.scaleSet);
    const conflict = this.#engine.unknowns.conflict;
    if (older.length > 0 && conflict === "refuse") throw concurrentRequest();
    const preempted = "Operation execution has been preempted by a more recent operation.";
    if (conflict === "preempt") {
      for (const o of older) this.#end(o, new OperationError("OperationPreempted", preempted));
    }
    const operation: Operation = {
      id: this.#engine.flow.guid(),
      scaleSet: write.scaleSet.id,
      owner: write.caller.oid,
      startTime: this.#engine.flow.clock.now(),
      status: "InProgress",
      polls: 0,
    };
    this.#engine.world.operations.push(operation);
    const waitFor = older.flatMap((o) => this.#running.get(o.id)?.ended.promise ?? []);
    this.#running.set(operation.id, { write, ended: Promise.withResolvers() });
    this.#engine.flow.spawn(() => this.#work(operation, waitFor, work));
    return operation;
  }

  /** Waits for its end; throws what it failed with. */
  async ended(operation: Operation): Promise<void> {
    await this.#running.get(operation.id)?.ended.promise;
    if (operation.error) throw new OperationError(operation.error.code, operation.error.message);
  }

  async #work(operation: Operation, waitFor: Promise<void>[], work: () => Promise<void>): Promise<void> {
    if (waitFor.length > 0) await Promise.all(waitFor);
    const running = this.#running.get(operation.id);
    if (running) running.write.scaleSet.state = "Updating";
    try {
      await work();
      this.#end(operation, undefined);
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      this.#end(operation, error);
    }
  }

  #end(operation: Operation, error: OperationError | undefined): void {
    const running = this.#running.get(operation.id);
    if (!running) return;
    this.#running.delete(operation.id);
    operation.status = error ? "Failed" : "Succeeded";
    operation.endTime = this.#engine.flow.clock.now();
    if (error) {
      operation.error = { code: error.code, message: error.message, ...(error.target && { target: error.target }) };
    }
    running.write.scaleSet.state = operation.status;
    this.#engine.emit(resourceEvent(this.#engine, running.write, !error));
    running.ended.resolve();
  }
}

/** 409 as Compute words it. */
function concurrentRequest(): ArmError {
  const message =
    "The request failed due to conflict with a concurrent request. To resolve it, please refer to " +
    "https://aka.ms/activitylog to get more details on the conflicting requests.";
  return new ArmError(409, { code: "Conflict", message });
}
