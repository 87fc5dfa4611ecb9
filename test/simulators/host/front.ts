import type { HostedFunction } from "./core-api.ts";
import { answerWebhook, runEvent } from "./event-grid-webhook.ts";
import { empty, fromRpc, matchRoute, toRpc } from "./http.ts";
import type { Invocations } from "./invocations.ts";
import type { Timer } from "./timers.ts";

/** What stands behind the host's address. */
export interface Site {
  readonly functions: readonly HostedFunction[];
  readonly invocations: Invocations;
  readonly timers: ReadonlyMap<HostedFunction, Timer>;
  readonly masterKey: string;
  readonly functionKeys: Record<string, string>;
  readonly eventGridKey: string;
}

/** Answers whatever is asked of the host. */
export function answer(site: Site, call: Request): Response | Promise<Response> {
  const path = new URL(call.url).pathname.toLowerCase();
  if (path === "/") return homePage();
  if (path === "/runtime/webhooks/eventgrid") return webhook(site, call);
  return path.startsWith("/admin/") ? admin(site, call, path) : route(site, call);
}

function homePage(): Response {
  if (process.env["AzureWebJobsDisableHomepage"] === "true") return empty(204);
  const page = "<!DOCTYPE html><title>Your Functions app is up and running</title>";
  return new Response(page, { headers: { "content-type": "text/html" } });
}

/** The answer to who may not: 401 without a key that counts here, 403 where only the master key will do. */
function refusal(
  site: Site,
  call: Request,
  needed: unknown,
  keys: readonly (string | undefined)[],
): Response | undefined {
  const given = call.headers.get("x-functions-key") ?? new URL(call.url).searchParams.get("code");
  if (given === site.masterKey || needed === "anonymous") return undefined;
  if (given === null || !keys.includes(given)) return empty(401);
  return needed === "admin" ? empty(403) : undefined;
}

async function route(site: Site, call: Request): Promise<Response> {
  for (const fn of site.functions) {
    const params = matchRoute(fn, call);
    if (!params) continue;
    const refused = refusal(site, call, fn.options["authLevel"], [site.functionKeys[fn.name]]);
    return refused ?? fromRpc(await site.invocations.run(fn, await toRpc(call, params)));
  }
  return empty(404);
}

function webhook(site: Site, call: Request): Response | Promise<Response> {
  const refused = refusal(site, call, "system", [site.eventGridKey]);
  if (refused) return refused;
  const fn = find(site, new URL(call.url).searchParams.get("functionName"));
  return fn?.trigger === "eventGridTrigger" ? answerWebhook(site.invocations, fn, call) : empty(404);
}

function admin(site: Site, call: Request, path: string): Response | Promise<Response> {
  const refused = refusal(site, call, "admin", [...Object.values(site.functionKeys), site.eventGridKey]);
  if (refused) return refused;
  const functions = site.functions.map(({ name, bindings }) => ({
    name,
    config: { bindings: Object.values(bindings) },
  }));
  const status = { state: "Running", version: "4.1037.0.0" };
  const pages = new Map<string, unknown>([
    ["/admin/functions", functions],
    ["/admin/host/status", status],
  ]);
  const shown = call.method === "GET" ? pages.get(path) : undefined;
  if (shown) return Response.json(shown);
  const [, name] = /^POST \/admin\/functions\/([^/]+)$/.exec(`${call.method} ${path}`) ?? [];
  return name === undefined ? empty(404) : startByHand(site, call, name);
}

async function startByHand(site: Site, call: Request, name: string): Promise<Response> {
  if (!call.headers.get("content-type")?.includes("json")) return empty(415);
  const fn = find(site, name);
  if (!fn) return empty(404);
  const text = await call.text();
  if (text === "") return empty(400);
  const { input = "" } = JSON.parse(text) as { input?: string };
  // Nobody waits for it; what it throws stands in the log.
  void site.invocations.track(async () => runByHand(site, fn, input)).catch(() => undefined);
  return empty(202);
}

/** A timer function ignores the input; one in error does not run. */
async function runByHand(site: Site, fn: HostedFunction, input: string): Promise<unknown> {
  if (fn.trigger === "timerTrigger") return site.timers.get(fn)?.runByHand();
  if (fn.trigger === "eventGridTrigger") return runEvent(site.invocations, fn, input);
  const call = new Request("http://localhost/", { method: "POST", body: input });
  return site.invocations.run(fn, await toRpc(call, {}));
}

function find({ functions }: Site, name: string | null): HostedFunction | undefined {
  return functions.find((fn) => fn.name.toLowerCase() === name?.toLowerCase());
}
