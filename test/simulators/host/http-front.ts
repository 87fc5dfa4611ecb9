import type { IncomingMessage, ServerResponse } from "node:http";
import { isRecord } from "../arm/http.ts";
import type { HostedFunction } from "./core-api.ts";
import type { FunctionsHost } from "./functions-host.ts";

type Names = Record<string, string>;
type Answer = (call: Request, names: Names) => Response | Promise<Response>;
/** Methods and path (case-insensitive), the key besides the master key (undefined: anonymous), and the response. */
type Row = readonly [methods: string, path: string, key: string | undefined, answer: Answer];
type Event = { readonly data?: { readonly validationCode?: string } };

/** The levels of JSON that the host's parser reads. */
const DEEPEST = 64;

const empty = (status: number): Response => new Response(null, { status });

/** Handles a request to the host; the response does not contain the message of an exception. */
export async function serve(host: FunctionsHost, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const reply = await answer(host, request).catch(() => empty(500));
  response.writeHead(reply.status, Object.fromEntries(reply.headers)).end(Buffer.from(await reply.arrayBuffer()));
}

async function answer(host: FunctionsHost, request: IncomingMessage): Promise<Response> {
  const { method = "", url = "", headers } = request as IncomingMessage & { headers: Names };
  if (lacksLength(request)) return empty(411);
  const body = Buffer.concat(await request.toArray());
  const call = new Request(`http://${headers["host"]}${url}`, { method, headers, body: body.length > 0 ? body : null });
  for (const [methods, path, key, reply] of rowsOf(host)) {
    const found = new RegExp(`^(${methods}) ${path}/?(\\?.*)?$`, "i").exec(`${method} ${url}`);
    if (found) return refusal(host, path, key, call) ?? reply(call, found.groups ?? {});
  }
  return empty(404);
}

/** The front end of App Service wants to know the length of a body, also of an empty one. */
function lacksLength({ method, headers }: IncomingMessage): boolean {
  return method === "POST" && headers["content-length"] === undefined && headers["transfer-encoding"] === undefined;
}

/** Returns 401 or 403 if the key is missing or wrong. HTTP functions return 401 also for a key with another scope. */
function refusal(host: FunctionsHost, path: string, key: string | undefined, call: Request): Response | undefined {
  const { masterKey, defaultKey, eventGridKey, functionKeys } = host;
  const given = call.headers.get("x-functions-key") ?? new URL(call.url).searchParams.get("code") ?? "";
  const isFunction = path.startsWith("/api/");
  const opening = [key, masterKey, ...(isFunction && key !== masterKey ? [defaultKey] : [])];
  if (key === undefined || opening.includes(given)) return undefined;
  const isKnown = [defaultKey, eventGridKey, ...Object.values(functionKeys)].includes(given);
  return empty(isKnown && !isFunction ? 403 : 401);
}

const rowsOf = (host: FunctionsHost): Row[] => [
  [".*", "/", undefined, homePage],
  ["GET", "/admin/host/status", host.masterKey, () => Response.json({ state: "Running" })],
  ["GET", "/admin/functions", host.masterKey, () => Response.json(host.functions)],
  ["POST", "/admin/functions/(?<name>[^/?]+)", host.masterKey, (call, { name }) => startByAdmin(host, name, call)],
  ["OPTIONS|POST|GET", "/runtime/webhooks/eventgrid", host.eventGridKey, (call) => takeEvents(host, call)],
  ...host.functions.filter(({ trigger }) => trigger === "httpTrigger").map((fn) => httpRow(host, fn)),
];

function httpRow(host: FunctionsHost, fn: HostedFunction): Row {
  const { methods = [], authLevel = "", route = fn.name } = fn.options;
  const path = `/api/${route.replace(/\{(\w+)\}/g, "(?<$1>[^/?]+)")}`;
  const keys: Record<string, string | undefined> = { function: host.functionKeys[fn.name], admin: host.masterKey };
  return [methods.join("|"), path, keys[authLevel], (call, names) => callHttp(host, fn, call, names)];
}

const homePage = (): Response =>
  process.env["AzureWebJobsDisableHomepage"] === "true" ? empty(204) : new Response("Your Functions app is running");

/** Starts a function through the admin API and does not wait for it; its exception goes to the log. */
async function startByAdmin(host: FunctionsHost, name = "", call: Request): Promise<Response> {
  if (!call.headers.get("content-type")?.includes("json")) return empty(415);
  const body = (await call.json().catch(() => null)) as { input?: string } | null;
  if (!body) return empty(400);
  const fn = host.functions.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (!fn) return empty(404);
  const { input = "" } = body;
  const event: unknown = await new Response(input).json().catch(() => input);
  const request = new Request(call.url, { method: "POST", body: input });
  const other = () => (fn.trigger === "httpTrigger" ? callHttp(host, fn, request, {}) : runEvent(host, fn, event));
  if (!fn.error) (fn.runNow ?? other)().catch(() => undefined);
  return empty(202);
}

async function callHttp(host: FunctionsHost, fn: HostedFunction, call: Request, names: Names): Promise<Response> {
  const { method, url } = call;
  const params = Object.fromEntries(Object.entries(names).map(([name, value]) => [name, decodeURIComponent(value)]));
  const body = { bytes: Buffer.from(await call.arrayBuffer()) };
  const http = await host.run(fn, { http: { method, url, headers: Object.fromEntries(call.headers), params, body } });
  if (!http) return empty(204);
  const { bytes } = http.body;
  return new Response(bytes.length > 0 ? bytes : null, { status: Number(http.statusCode), headers: http.headers });
}

async function takeEvents(host: FunctionsHost, call: Request): Promise<Response> {
  const name = new URL(call.url).searchParams.get("functionName");
  const fn = host.functions.find((each) => each.trigger === "eventGridTrigger" && each.name === name);
  if (!fn) return new Response(`cannot find function: '${name}'`, { status: 404 });
  if (call.method === "GET") return empty(500);
  const [type, origin] = ["aeg-event-type", "webhook-request-origin"].map((name) => call.headers.get(name));
  if (call.method === "OPTIONS" && origin) return new Response(null, { headers: { "webhook-allowed-origin": origin } });
  if (type === "Unsubscribe") return empty(202);
  if (!["Notification", "SubscriptionValidation"].includes(String(type))) return empty(400);
  const events = [(await call.json()) as Event | Event[]].flat();
  if (type === "SubscriptionValidation") return Response.json({ validationResponse: events[0]?.data?.validationCode });
  return deliver(host, fn, events);
}

/** Runs the function for every event at the same time, unless the host cannot read one of them. */
async function deliver(host: FunctionsHost, fn: HostedFunction, events: readonly unknown[]): Promise<Response> {
  if (!events.every(isEvent)) return empty(500);
  const ended = await Promise.allSettled(events.map((event) => runEvent(host, fn, event)));
  if (ended.every(({ status }) => status === "fulfilled")) return empty(202);
  return new Response(`Exception while executing function: Functions.${fn.name}`, { status: 500 });
}

/** Returns whether the host can read an event: an object that is not nested too deeply. */
function isEvent(event: unknown): boolean {
  return isRecord(event) && depthOf(event) <= DEEPEST;
}

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Object.values(value).reduce((deepest: number, each) => Math.max(deepest, depthOf(each)), 0);
}

function runEvent(host: FunctionsHost, fn: HostedFunction, event: unknown): Promise<unknown> {
  const json = JSON.stringify((event as Event | null)?.data ?? null);
  return host.run(fn, { string: JSON.stringify(event) }, { data: { json } });
}
