import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { inspect } from "node:util";
import type { Clock } from "../../clock.ts";
import { type HostedFunction, invoke, loadApp, type Log } from "./core-api.ts";
import { serve } from "./http-front.ts";
import { startTimer } from "./timers.ts";

/** One line of the host's log. */
export interface HostLogLine {
  level: string;
  category: string;
  functionName?: string;
  invocationId?: string;
  message: string;
}

/** The options of a host; port 0 selects any free port. */
export interface HostOptions {
  clock: Clock;
  port?: number;
  masterKey?: string;
}

/** Starts the Functions host, of which a process can have one; `load` imports the app's entry. */
export const startHost = (load: () => Promise<unknown>, options: HostOptions): Promise<FunctionsHost> =>
  new FunctionsHost().start(load, options);

/** A running host. It does not model the restart of a worker after an uncaught exception or `functionTimeout`. */
export class FunctionsHost {
  url = "";
  masterKey: string = randomUUID();
  functionKeys: Record<string, string> = {};
  eventGridKey: string = randomUUID();
  functions: readonly HostedFunction[] = [];
  invocations: Record<string, number> = {};
  loadError: unknown;
  logs: HostLogLine[] = [];
  readonly #running = new Set<Promise<unknown>>();
  readonly #server = createServer((request, response) => void this.#track(serve(this, request, response)));
  #endedAt = performance.now();
  readonly lastInvocationEndedAt = (): number => this.#endedAt;

  async start(load: () => Promise<unknown>, { clock, ...options }: HostOptions): Promise<this> {
    this.masterKey = options.masterKey ?? this.masterKey;
    const log: Log = (level, category, message) => this.logs.push({ level, category, message });
    const { functions, loadError } = await loadApp(load, log);
    if (loadError) log("error", "Host.Startup", `Worker was unable to load entry point: ${inspect(loadError)}`);
    log("information", "Host.Startup", `${functions.length} functions found`);
    [this.functions, this.loadError] = [functions, loadError];
    for (const fn of functions) {
      if (fn.trigger === "httpTrigger") this.functionKeys[fn.name] = randomUUID();
      if (fn.trigger !== "timerTrigger") continue;
      try {
        const isDisabled = (): boolean => /^(1|true)$/i.test(process.env[`AzureWebJobs.${fn.name}.Disabled`] ?? "");
        const timer = { ...fn.options, isDisabled };
        fn.runNow = startTimer(clock, timer, async (data) => this.#server.listening && this.run(fn, data));
      } catch (error) {
        fn.error = String(error);
        log("error", "Host.Startup", `The '${fn.name}' function is in error: ${fn.error}`);
      }
    }
    await new Promise<void>((resolve) => this.#server.listen(options.port, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
    return this;
  }

  /** Runs one function to completion; logs and rethrows its exception. */
  run(fn: HostedFunction, data: object, triggerMetadata: object = {}) {
    const of = { category: `Function.${fn.name}`, functionName: fn.name, invocationId: randomUUID() };
    const log: Log = (level, suffix, message) =>
      this.logs.push({ ...of, level, category: of.category + suffix, message });
    const request = { inputData: [{ name: fn.options.name, data }], triggerMetadata };
    this.invocations[fn.name] = (this.invocations[fn.name] ?? 0) + 1;
    const run = invoke(fn, { ...of, request, log: (level, _, message) => log(level, ".User", message) });
    run.then(
      () => log("information", "", `Executed 'Functions.${fn.name}' (Succeeded)`),
      (error: unknown) => log("error", "", `Executed 'Functions.${fn.name}' (Failed) ${inspect(error)}`),
    );
    return this.#track(run);
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    return work.finally(() => {
      this.#running.delete(work);
      this.#endedAt = performance.now();
    });
  }

  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  /** Stops accepting requests and timer runs, and waits for those in progress. */
  async stop(): Promise<void> {
    this.#server.close();
    await this.idle();
    this.#server.closeAllConnections();
  }
}
