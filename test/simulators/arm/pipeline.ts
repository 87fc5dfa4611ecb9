import { authenticate } from "./authenticate.ts";
import type { Principal } from "./authenticate.ts";
import { authorize, denyLockedDown } from "./authorize.ts";
import type { Engine } from "./engine.ts";
import { ArmError } from "./http.ts";
import type { RawRequest, RawResponse, Reply } from "./http.ts";
import { managedClusterRoutes } from "./resources/managed-clusters.ts";
import { manualUpgradeRoutes } from "./resources/manual-upgrade.ts";
import { operationRoutes } from "./resources/operations.ts";
import { extensionRoutes } from "./resources/scale-set-extensions.ts";
import { scaleSetVmRoutes } from "./resources/scale-set-vms.ts";
import { scaleSetRoutes } from "./resources/scale-sets.ts";
import { match, notModelled } from "./route.ts";
import type { Route } from "./route.ts";
import { Throttle } from "./throttle.ts";

/** An answer given in place of the real one, a number of times. */
export interface Fault {
  match: (method: string, path: string) => boolean;
  times: number;
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

const ROUTES: readonly Route[] = [
  ...managedClusterRoutes,
  ...scaleSetRoutes,
  ...extensionRoutes,
  ...scaleSetVmRoutes,
  ...manualUpgradeRoutes,
  ...operationRoutes,
];

interface Found {
  route: Route;
  names: Record<string, string>;
}

/** What every request goes through: authenticate, authorize, validate, throttle, fault, route, journal. */
export class Pipeline {
  readonly faults: Fault[] = [];
  readonly #engine: Engine;
  readonly #principals: readonly Principal[];
  readonly #throttle: Throttle | undefined;

  constructor(engine: Engine, principals: readonly Principal[], throttle: boolean) {
    this.#engine = engine;
    this.#principals = principals;
    this.#throttle = throttle ? new Throttle() : undefined;
  }

  answer(request: RawRequest): RawResponse {
    const url = new URL(request.url, this.#engine.origin());
    const found = find(request.method, url.pathname);
    const seen = { who: "?" };
    const reply = this.#reply(request, { url, found, seen });
    this.#note(request, { url, found, who: seen.who, status: reply.status });
    const id = this.#engine.flow.guid();
    return {
      status: reply.status,
      headers: {
        "content-type": "application/json; charset=utf-8",
        "x-ms-request-id": id,
        "x-ms-correlation-request-id": id,
        "x-ms-routing-request-id": id,
        ...reply.headers,
      },
      body: reply.body === undefined ? "" : JSON.stringify(reply.body),
    };
  }

  #reply(request: RawRequest, at: { url: URL; found: Found | undefined; seen: { who: string } }): Reply {
    try {
      return this.#pass(request, at);
    } catch (error) {
      if (error instanceof ArmError) return error.reply();
      throw error;
    }
  }

  #pass(
    request: RawRequest,
    { url, found, seen }: { url: URL; found: Found | undefined; seen: { who: string } },
  ): Reply {
    const now = this.#engine.flow.clock.now();
    const { caller, principal } = authenticate(header(request, "authorization"), this.#principals, now);
    seen.who = caller.name;
    checkApiVersion(url);
    if (!found) throw notModelled(request.method, url.pathname);
    const { route, names } = found;
    if (route.ownerOf?.(this.#engine, names) !== caller.oid) this.#authorize(principal, route, url);
    checkQuery(route, request.method, url);
    route.check?.(request.body);
    const resource = url.pathname.split("/").slice(0, 9).join("/");
    const rates = route.bucket && this.#throttle?.take(route.bucket, resource, now);
    const fault = this.#fault(request.method, url.pathname);
    if (fault) return { status: fault.status, body: fault.body, ...(fault.headers && { headers: fault.headers }) };
    const { method, body } = request;
    const reply = route.handle({ engine: this.#engine, caller, method, url, names, body, action: route.action });
    return { ...reply, headers: { ...rates, ...reply.headers } };
  }

  #authorize(principal: Principal, route: Route, url: URL): void {
    const scope = route.verb ? url.pathname.replace(/\/[^/]+\/?$/, "") : url.pathname;
    for (const action of [route.action, ...(route.also?.(url) ?? [])]) {
      authorize(principal, action, scope);
      denyLockedDown(this.#engine.world, principal, action, scope);
    }
  }

  #fault(method: string, path: string): Fault | undefined {
    const fault = this.faults.find((one) => one.times > 0 && one.match(method, path));
    if (fault) fault.times -= 1;
    return fault;
  }

  #note(
    { method, body }: RawRequest,
    { url, found, who, status }: { url: URL; found: Found | undefined; who: string; status: number },
  ): void {
    const apiVersion = url.searchParams.get("api-version");
    this.#engine.journal.add({
      at: this.#engine.flow.iso(),
      who,
      method,
      action: found?.route.action ?? "",
      path: url.pathname,
      status,
      ...(body && { body: readable(body) }),
      ...(apiVersion !== null && { apiVersion }),
    });
  }
}

function find(method: string, path: string): Found | undefined {
  for (const route of ROUTES) {
    const names = match(route, method, path);
    if (names) return { route, names };
  }
  return undefined;
}

function header({ headers }: RawRequest, name: string): string | undefined {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

function checkApiVersion(url: URL): void {
  const version = url.searchParams.get("api-version");
  if (version !== null && /^\d{4}-\d{2}-\d{2}(?:-preview)?$/.test(version)) return;
  const message = "The api-version query parameter (?api-version=) is required for all requests.";
  throw new ArmError(400, { code: version ? "InvalidApiVersionParameter" : "MissingApiVersionParameter", message });
}

/** A query option that is not modelled would change the answer silently: 501. */
function checkQuery(route: Route, method: string, url: URL): void {
  const known = ["api-version", "$skiptoken", ...(route.query ?? [])];
  const expand = url.searchParams.get("$expand")?.toLowerCase() ?? "instanceview";
  const strange = [...url.searchParams.keys()].find((key) => !known.includes(key));
  if (strange === undefined && expand === "instanceview") return;
  throw notModelled(method, `${url.pathname} with ${strange ?? "$expand"}`);
}

function readable(body: string): unknown {
  try {
    const parsed: unknown = JSON.parse(body);
    return parsed;
  } catch {
    return "(not JSON)";
  }
}
