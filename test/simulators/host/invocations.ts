import { randomUUID } from "node:crypto";
import type { CoreApi, HostedFunction, RpcData } from "./core-api.ts";

/** One line of the host's log. */
export interface HostLogLine {
  level: string;
  category: string;
  functionName?: string;
  invocationId?: string;
  message: string;
}

/** Runs functions and knows what runs; an uncaught exception and `functionTimeout`, which end a worker, do not here. */
export class Invocations {
  readonly counts: Record<string, number> = {};
  readonly logs: HostLogLine[] = [];
  endedAt = performance.now();
  #running = 0;
  #waiting: (() => void)[] = [];
  readonly #core: CoreApi;
  readonly #onLog: ((line: HostLogLine) => void) | undefined;

  constructor(core: CoreApi, onLog?: (line: HostLogLine) => void) {
    this.#core = core;
    this.#onLog = onLog;
  }

  log(level: string, category: string, message: string, of?: { functionName: string; invocationId: string }): void {
    const line = { level, category, message, ...of };
    this.logs.push(line);
    this.#onLog?.(line);
  }

  /** Holds `idle` until the work is over. */
  async track<T>(work: () => Promise<T>): Promise<T> {
    this.#running++;
    try {
      return await work();
    } finally {
      this.endedAt = performance.now();
      if (--this.#running === 0) for (const resolve of this.#waiting.splice(0)) resolve();
    }
  }

  async idle(): Promise<void> {
    while (this.#running > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Runs one function to its end; a throw is logged and thrown on. */
  run(fn: HostedFunction, data: RpcData, triggerMetadata: RpcData = {}): Promise<RpcData | null | undefined> {
    const of = { functionName: fn.name, invocationId: randomUUID() };
    const { invocationId } = of;
    const log = (level: string, category: string, message: string): void =>
      this.log(level, `Function.${fn.name}${category === "user" ? ".User" : ""}`, message, of);
    const inputData = [{ name: fn.options["name"], data }];
    const request = { invocationId, functionId: fn.name, inputData, triggerMetadata, traceContext: {} };
    this.counts[fn.name] = (this.counts[fn.name] ?? 0) + 1;
    return this.track(async () => {
      log("information", "host", `Executing 'Functions.${fn.name}' (Id=${invocationId})`);
      try {
        const returned = await this.#core.invoke(fn, { invocationId, request, log });
        log("information", "host", `Executed 'Functions.${fn.name}' (Succeeded, Id=${invocationId})`);
        return returned;
      } catch (error) {
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        log("error", "host", `Executed 'Functions.${fn.name}' (Failed, Id=${invocationId}) ${reason}`);
        throw error;
      }
    });
  }
}
