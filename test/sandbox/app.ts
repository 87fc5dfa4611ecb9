import type { FunctionsHost } from "../simulators/host/functions-host.ts";
import type { World } from "../world.ts";
import { Refusal } from "./input.ts";

/** Where a Functions host is, and its keys. */
export interface HostAddress {
  readonly url: string;
  readonly eventGridKey: string;
  readonly masterKey?: string | undefined;
  readonly functionKeys: Readonly<Record<string, string>>;
}

/** The app under test: in a host of this process, or in one that another process has told. */
export class App {
  /** The host in this process. */
  readonly host: FunctionsHost | undefined;
  readonly #world: World;
  readonly #loadCopy: (() => Promise<unknown>) | undefined;
  #address: HostAddress | undefined;

  /** `loadCopy` imports the app from files that were not imported before. */
  constructor(world: World, host?: FunctionsHost, loadCopy?: () => Promise<unknown>) {
    this.#world = world;
    this.host = host;
    this.#loadCopy = loadCopy;
    this.#address = host;
  }

  get address(): HostAddress | undefined {
    return this.#address;
  }

  /** Sends events to the host of another process from now on; throws a 409 if the app runs in this one. */
  async connect(address: HostAddress): Promise<void> {
    if (this.host) throw new Refusal(409, "the app runs in the sandbox, expected a sandbox that runs with --no-app");
    try {
      await this.#world.subscribe(address);
    } catch (error) {
      throw new Refusal(400, `no events can be sent to ${address.url}: ${String(error)}`);
    }
    this.#address = address;
  }

  /** Changes app settings and restarts the worker, as Azure does; an empty value removes a setting. */
  async restart(settings: Readonly<Record<string, string>>): Promise<void> {
    if (!this.host || !this.#loadCopy) {
      throw new Refusal(409, "the app runs elsewhere: change its settings there, and restart it");
    }
    for (const [name, value] of Object.entries(settings)) {
      if (value === "") delete process.env[name];
      else process.env[name] = value;
    }
    await this.host.restart(this.#loadCopy);
  }

  /** Calls an HTTP function of the app with its key; throws a `Refusal` with the app's own answer. */
  async call(name: string, query: Readonly<Record<string, string>>, method = "POST"): Promise<unknown> {
    const response = await this.fetch(`${name}?${new URLSearchParams(query).toString()}`, { method });
    const text = await response.text();
    if (!response.ok) throw new Refusal(response.status, text);
    return JSON.parse(text) as unknown;
  }

  /** Requests an HTTP function of the app with its key. */
  async fetch(path: string, { method = "GET", accept = "application/json" } = {}): Promise<Response> {
    if (!this.#address) throw new Refusal(409, "no app: expected a host that POST /host has told");
    const { url, functionKeys, masterKey } = this.#address;
    const key = functionKeys[path.split("?")[0] ?? ""] ?? masterKey ?? "";
    return fetch(`${url}/api/${path}`, { method, headers: { "x-functions-key": key, accept } });
  }
}
