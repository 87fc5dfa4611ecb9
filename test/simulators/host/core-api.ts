import Module from "node:module";

/** One value between host and worker: `{ json }`, `{ string }`, `{ bytes }` or `{ http }`. */
export type RpcData = Record<string, unknown>;

/** A function that an app registered; its trigger is the type of one of its bindings. */
export interface HostedFunction {
  readonly name: string;
  readonly trigger: string;
  readonly bindings: Record<string, Record<string, unknown>>;
  readonly options: Record<string, unknown>;
  readonly handler: Callback;
  /** Why it never runs. */
  error?: string;
}

type Callback = (...args: unknown[]) => unknown;

interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], handler: Callback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<{ returnValue?: RpcData | null }>;
}

interface ProgrammingModel {
  getInvocationModel(context: object): InvocationModel;
  getCapabilities(capabilities: object): Promise<unknown>;
}

let installed = false;

/** The module `@azure/functions-core`, which only a host provides; of the hooks there is appStart alone. */
export class CoreApi {
  readonly #functions = new Map<string, HostedFunction>();
  readonly #hooks: Callback[] = [];
  #model: ProgrammingModel | undefined;
  #locked = false;

  /** Serves this for every `require("@azure/functions-core")`, as the worker does. */
  install(log: (level: string, category: string, message: string) => void): void {
    // The library keeps the first runtime it got: the functions of a second host would go to the first.
    if (installed) throw new Error("One Functions host per process: this one has had its own already.");
    installed = true;
    const api = {
      log,
      setProgrammingModel: (model: ProgrammingModel) => (this.#model = model),
      registerFunction: (metadata: HostedFunction, handler: Callback) => this.#register(metadata, handler),
      registerHook: (name: string, hook: Callback) => {
        if (name !== "appStart") throw new RangeError(`Unrecognized hook "${name}"`);
        this.#hooks.push(hook);
      },
    };
    const real = Reflect.get(Module.prototype, "require") as (this: unknown, id: string) => unknown;
    Module.prototype.require = function (this: unknown, id: string): unknown {
      return id === "@azure/functions-core" ? api : real.call(this, id);
    };
  }

  /** Loads the app and gives its functions; after that none can be registered. */
  async load(entry: () => Promise<unknown>): Promise<HostedFunction[]> {
    try {
      await entry();
      for (const hook of this.#hooks)
        await hook({ functionAppDirectory: process.cwd(), hookData: {}, appHookData: {} });
      await this.#model?.getCapabilities({});
      return [...this.#functions.values()];
    } finally {
      this.#locked = true;
    }
  }

  /** Has the library's own invocation model run a function. */
  async invoke(fn: HostedFunction, context: object): Promise<RpcData | null | undefined> {
    const model = this.#model?.getInvocationModel({ ...context, metadata: { name: fn.name, bindings: fn.bindings } });
    if (!model) throw new Error("The library set no programming model.");
    const args = await model.getArguments();
    const result = await model.invokeFunction(args.context, args.inputs, fn.handler);
    return (await model.getResponse(args.context, result)).returnValue;
  }

  #register({ name, bindings }: HostedFunction, handler: Callback): void {
    if (this.#locked) throw new Error(`A function can only be registered during app startup: "${name}".`);
    if (this.#functions.has(name)) throw new Error(`A function with id "${name}" has already been registered.`);
    const options = Object.values(bindings).find((binding) => /trigger$/i.test(String(binding["type"]))) ?? {};
    this.#functions.set(name, { name, trigger: String(options["type"]), bindings, options, handler });
  }
}
