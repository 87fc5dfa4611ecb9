import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../../clock.ts";
import { CoreApi } from "./core-api.ts";
import type { HostedFunction } from "./core-api.ts";
import { answer } from "./front.ts";
import { serve } from "./http.ts";
import { Invocations } from "./invocations.ts";
import type { HostLogLine } from "./invocations.ts";
import { startTimer } from "./timers.ts";
import type { Timer } from "./timers.ts";

export type { HostLogLine } from "./invocations.ts";

/** How a host is started; port 0 is any free one. */
export interface HostOptions {
  clock: Clock;
  port?: number;
  log?: (line: HostLogLine) => void;
  masterKey?: string;
}

/** A running host. */
export interface FunctionsHost {
  url: string;
  masterKey: string;
  functionKeys: Record<string, string>;
  eventGridKey: string;
  functions: readonly { name: string; trigger: string; bindings: unknown; error?: string }[];
  invocations: Record<string, number>;
  loadError: unknown;
  logs: HostLogLine[];
  idle(): Promise<void>;
  lastInvocationEndedAt(): number;
  stop(): Promise<void>;
}

const newKey = (): string => randomBytes(30).toString("base64url");

/** Starts the Functions host in this process, which can have one: `load` imports the app's entry. */
export async function startHost(load: () => Promise<unknown>, options: HostOptions): Promise<FunctionsHost> {
  const core = new CoreApi();
  const invocations = new Invocations(core, options.log);
  core.install((level, category, message) => invocations.log(level, category, message));
  let loadError: unknown;
  const functions = await core.load(load).catch((error: unknown): HostedFunction[] => {
    loadError = error;
    invocations.log("error", "Host.Startup", `Worker was unable to load entry point: ${String(error)}`);
    return [];
  });
  invocations.log("information", "Host.Startup", `${functions.length} functions found`);

  const https = functions.filter(({ trigger }) => trigger === "httpTrigger");
  const keys = {
    masterKey: options.masterKey ?? newKey(),
    functionKeys: Object.fromEntries(https.map(({ name }) => [name, newKey()])),
    eventGridKey: newKey(),
  };
  const timers = startTimers(options.clock, invocations, functions);
  const site = { functions, invocations, timers, ...keys };
  const server = createServer((request, response) => {
    void invocations.track(() => serve(request, response, (call) => answer(site, call)));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...keys,
    functions,
    invocations: invocations.counts,
    loadError,
    logs: invocations.logs,
    idle: () => invocations.idle(),
    lastInvocationEndedAt: () => invocations.endedAt,
    stop: async () => {
      for (const timer of timers.values()) timer.stop();
      await invocations.idle();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function startTimers(clock: Clock, invocations: Invocations, functions: HostedFunction[]): Map<HostedFunction, Timer> {
  const timers = new Map<HostedFunction, Timer>();
  for (const fn of functions.filter(({ trigger }) => trigger === "timerTrigger")) {
    try {
      const timer = startTimer(clock, fn.options, (data) => invocations.run(fn, data));
      timers.set(fn, timer);
    } catch (error) {
      fn.error = String(error);
      invocations.log("error", "Host.Startup", `Error indexing method 'Functions.${fn.name}'. ${fn.error}`);
    }
  }
  return timers;
}
