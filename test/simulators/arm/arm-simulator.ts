import { createHttpHeaders } from "@azure/core-rest-pipeline";
import type { HttpClient, PipelineRequest, PipelineResponse } from "@azure/core-rest-pipeline";
import { Actors } from "./actors/actors.ts";
import { AksActor } from "./aks.ts";
import { type ArmOptions, type Engine, makeEngine } from "./engine.ts";
import type { Fault } from "./fault.ts";
import type { RawRequest, RawResponse } from "./http.ts";
import type { JournalEntry } from "./journal.ts";
import { delay, type Latency } from "./latency.ts";
import { OperatorActor } from "./operator.ts";
import { answer } from "./pipeline.ts";
import type { FailExtension } from "./scripted-failures.ts";
import type { ArmWorld } from "./world.ts";

export type { Principal } from "./authenticate.ts";
export type { ArmOptions } from "./engine.ts";
export type { ArmEvent } from "./events.ts";
export type { Fault } from "./fault.ts";
export type { JournalEntry } from "./journal.ts";

/** Azure Resource Manager with Compute and AKS. It models Azure only and contains nothing specific to this app. */
export class ArmSimulator implements HttpClient {
  readonly world: ArmWorld;
  readonly journal: JournalEntry[];
  readonly aks: AksActor;
  readonly actors: Actors;
  readonly operator: OperatorActor;
  readonly faults: Fault[];
  readonly latencies: Latency[] = [];
  readonly #engine: Engine;

  constructor(options: ArmOptions) {
    this.#engine = makeEngine(options);
    this.world = this.#engine.world;
    this.journal = this.#engine.journal;
    this.faults = this.#engine.faults;
    this.aks = new AksActor(this.#engine);
    this.actors = new Actors(this.#engine);
    this.operator = new OperatorActor(this.#engine);
  }

  /** Sets the origin of the links in later responses. */
  setOrigin(origin: string): void {
    this.#engine.origin = origin;
  }

  /** Calls `listener` synchronously with each new journal entry, so that it can inspect the world at that time. */
  onJournal(listener: (entry: JournalEntry) => void): void {
    this.#engine.listeners.push(listener);
  }

  /** Makes the next runs of the extension on the instance fail. */
  failExtension(failure: FailExtension): void {
    this.#engine.scripted.push({ ...failure });
  }

  /** Handles one request. */
  async handle(request: RawRequest): Promise<RawResponse> {
    const reply = answer(this.#engine, request);
    await delay(this.#engine.flow, this.latencies, request);
    return reply;
  }

  /** Implements the SDK's `httpClient`, without a socket. */
  async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    const { url, method } = request;
    const body = typeof request.body === "string" ? request.body : undefined;
    const reply = await this.handle({ url, method, headers: request.headers.toJSON(), body });
    return { request, status: reply.status, headers: createHttpHeaders(reply.headers), bodyAsText: reply.body };
  }
}
