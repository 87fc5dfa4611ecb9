import { createHttpHeaders } from "@azure/core-rest-pipeline";
import type { HttpClient, PipelineRequest, PipelineResponse } from "@azure/core-rest-pipeline";
import type { Clock } from "../../clock.ts";
import { AksActor } from "./aks.ts";
import type { Principal } from "./authenticate.ts";
import { DURATIONS } from "./durations.ts";
import type { Durations } from "./durations.ts";
import type { Engine } from "./engine.ts";
import type { ArmEvent } from "./events.ts";
import type { ExtensionHandler } from "./extensions.ts";
import { Flow } from "./flow.ts";
import type { RawRequest, RawResponse } from "./http.ts";
import { latestModelApplied } from "./instances.ts";
import { Journal } from "./journal.ts";
import type { JournalEntry } from "./journal.ts";
import { Operations } from "./operations.ts";
import { Pipeline } from "./pipeline.ts";
import type { Fault } from "./pipeline.ts";
import type { FailExtension } from "./scripted-failures.ts";
import { DEFAULT_UNKNOWNS } from "./unknowns.ts";
import type { Unknowns } from "./unknowns.ts";
import type { ArmWorld } from "./world.ts";

export type { Principal } from "./authenticate.ts";
export type { ArmEvent } from "./events.ts";
export type { JournalEntry } from "./journal.ts";
export type { Fault } from "./pipeline.ts";

export interface ArmOptions {
  clock: Clock;
  seed?: number;
  principals: readonly Principal[];
  unknowns?: Partial<Unknowns>;
  durations?: Partial<Durations>;
  pageSize?: number;
  /** By "publisher.type" in lower case; other handlers just succeed. */
  handlers?: Readonly<Record<string, ExtensionHandler>>;
  onEvent?: (event: ArmEvent) => void;
  origin?: string;
  /** Compute's token buckets; on unless said otherwise. */
  throttle?: boolean;
}

/** Azure Resource Manager with Compute and AKS behind it: it knows Azure, and nobody's app. */
export class ArmSimulator implements HttpClient {
  readonly world: ArmWorld = {
    clusters: [],
    scaleSets: [],
    operations: [],
    violations: [],
    latestModelApplied: (scaleSet, instance) => latestModelApplied(this.#engine, { scaleSet, instance }),
  };
  readonly journal: JournalEntry[];
  readonly aks: AksActor;
  readonly faults: Fault[];
  readonly #engine: Engine;
  readonly #pipeline: Pipeline;
  #origin: string;

  constructor(options: ArmOptions) {
    this.#origin = options.origin ?? "https://management.azure.com";
    this.#engine = this.#makeEngine(options);
    this.#pipeline = new Pipeline(this.#engine, options.principals, options.throttle ?? true);
    this.journal = this.#engine.journal.entries;
    this.faults = this.#pipeline.faults;
    this.aks = new AksActor(this.#engine);
  }

  /** Links in answers carry this from now on. */
  setOrigin(origin: string): void {
    this.#origin = origin;
  }

  /** Has `listener` see each journal entry as it is made, with the world as it is at that moment. */
  onJournal(listener: (entry: JournalEntry) => void): void {
    this.#engine.journal.listeners.push(listener);
  }

  /** The next runs of the extension on the instance fail. */
  failExtension(failure: FailExtension): void {
    this.#engine.scripted.push({ ...failure });
  }

  /** Answers one request. */
  async handle(request: RawRequest): Promise<RawResponse> {
    const reply = this.#pipeline.answer(request);
    await Promise.resolve();
    return reply;
  }

  /** The SDK's `httpClient`: no socket is opened. */
  async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    const { url, method } = request;
    const body = typeof request.body === "string" ? request.body : undefined;
    const answer = await this.handle({ url, method, headers: request.headers.toJSON(), body });
    return { request, status: answer.status, headers: createHttpHeaders(answer.headers), bodyAsText: answer.body };
  }

  #makeEngine(options: ArmOptions): Engine {
    const engine: Omit<Engine, "operations"> & { operations?: Operations } = {
      flow: new Flow(options.clock, options.seed ?? 1),
      world: this.world,
      journal: new Journal(),
      unknowns: { ...DEFAULT_UNKNOWNS, ...options.unknowns },
      durations: { ...DURATIONS, ...options.durations },
      handlers: options.handlers ?? {},
      scripted: [],
      pageSize: options.pageSize ?? 100,
      emit: (event) => options.onEvent?.(event),
      origin: () => this.#origin,
    };
    return Object.assign(engine, { operations: new Operations(() => this.#engine) });
  }
}
