import Module from "node:module";

type Callback = (...args: unknown[]) => unknown;
/** The log function of host and worker; `category` is "user" or "system". */
export type Log = (level: string, category: string, message: string) => void;
type Options = { methods?: string[] } & Partial<Record<"type" | "name" | "schedule" | "authLevel" | "route", string>>;
type HttpResult = { statusCode: string; headers: Record<string, string>; body: { bytes: Buffer<ArrayBuffer> } };

/** A function that the app registered. One of its bindings is the trigger, with the app's options. */
export interface HostedFunction {
  readonly name: string;
  readonly trigger: string;
  readonly bindings: Record<string, Options>;
  readonly options: Options;
  readonly handler: Callback;
  /** Runs a timer function; set when the host starts, unless `error` is set. */
  runNow?: () => Promise<unknown>;
  error?: string;
}

/** The programming model of the library: it creates the handler's arguments, calls it and serializes its result. */
interface ProgrammingModel {
  getInvocationModel(context: object): {
    getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
    invokeFunction(context: unknown, inputs: unknown[], handler: Callback): Promise<unknown>;
    getResponse(context: unknown, result: unknown): Promise<{ returnValue?: { http?: HttpResult } | null }>;
  };
}

const functions = new Map<string, HostedFunction>();
let model: ProgrammingModel;
let state: "new" | "loading" | "locked" = "new";

/** Forgets the functions before the worker restarts; their copy of the library keeps its runtime. */
export function unload(): void {
  functions.clear();
  state = "new";
}

/** Loads the app and provides the module `@azure/functions-core` to it, as the worker does; hooks are not modelled. */
export async function loadApp(entry: () => Promise<unknown>, log: Log) {
  // The library keeps the first runtime that it gets, so the functions of a second host would register with the first.
  if (state !== "new") throw new Error("One Functions host per process: this process has already started one.");
  state = "loading";
  const api = { log, setProgrammingModel: (its: ProgrammingModel) => (model = its), registerFunction };
  const real = Reflect.get(Module.prototype, "require") as (this: unknown, id: string) => unknown;
  Module.prototype.require = function (this: unknown, id: string): unknown {
    return id === "@azure/functions-core" ? api : real.call(this, id);
  };
  let loadError: unknown;
  await entry().catch((error: unknown) => (loadError = error));
  state = "locked";
  return { functions: loadError ? [] : [...functions.values()], loadError };
}

function registerFunction({ name, bindings }: HostedFunction, handler: Callback): void {
  if (state === "locked") throw new Error(`A function can only be registered during app startup: "${name}".`);
  if (functions.has(name)) throw new Error(`A function with id "${name}" has already been registered.`);
  const options = Object.values(bindings).find(({ type = "" }) => /trigger$/i.test(type)) ?? {};
  functions.set(name, { name, trigger: options.type ?? "", bindings, options, handler });
}

/** Runs a function to completion with the library's own invocation model. */
export async function invoke(fn: HostedFunction, context: { invocationId: string; request: object; log: Log }) {
  const invocation = model.getInvocationModel({ ...context, metadata: fn });
  const args = await invocation.getArguments();
  const result = await invocation.invokeFunction(args.context, args.inputs, fn.handler);
  return (await invocation.getResponse(args.context, result)).returnValue?.http;
}
