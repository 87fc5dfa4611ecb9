import { checkLocks } from "./actors/locks.ts";
import { currentPrincipals } from "./actors/roles.ts";
import { authenticate } from "./authenticate.ts";
import { authorize, isOwn } from "./authorize.ts";
import type { Engine } from "./engine.ts";
import { faultOf } from "./fault.ts";
import { ArmError, type RawRequest, type RawResponse, type Reply } from "./http.ts";
import { addToJournal } from "./journal.ts";
import { managedClusterRoutes } from "./resources/managed-clusters.ts";
import { manualUpgradeRoutes } from "./resources/manual-upgrade.ts";
import { operationRoutes } from "./resources/operations.ts";
import { extensionRoutes } from "./resources/scale-set-extensions.ts";
import { scaleSetVmRoutes } from "./resources/scale-set-vms.ts";
import { scaleSetRoutes } from "./resources/scale-sets.ts";
import { notModelled, type Route } from "./route.ts";
import { throttle } from "./throttle.ts";
import { checkApiVersion, checkBody, checkQuery } from "./validate.ts";

const COMPUTE = [
  ...scaleSetRoutes,
  ...extensionRoutes,
  ...scaleSetVmRoutes,
  ...manualUpgradeRoutes,
  ...operationRoutes,
];
const ROUTES: readonly Route[] = [...managedClusterRoutes, ...COMPUTE];

/** Handles a request: authenticate, authorize, validate, throttle, fault, route, journal. */
export function answer(engine: Engine, request: RawRequest): RawResponse {
  const { method, body } = request;
  const url = new URL(request.url, engine.origin);
  const route = ROUTES.find((one) => one.method === method && one.pattern.test(url.pathname));
  const entry = { who: "?", method, action: route?.action ?? "", permissions: [], path: url.pathname };
  let reply: Reply;
  try {
    reply = process(engine, request, { url, route, entry });
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    reply = { status: error.status, body: { error: error.error }, headers: error.headers };
  }
  const { status } = reply;
  addToJournal(engine, body, { ...entry, status, apiVersion: url.searchParams.get("api-version") ?? "" });
  const standard = { "content-type": "application/json; charset=utf-8", "x-ms-request-id": engine.flow.guid() };
  const text = reply.body === undefined ? "" : JSON.stringify(reply.body);
  return { status, headers: { ...standard, ...reply.headers }, body: text };
}

function process(
  engine: Engine,
  request: RawRequest,
  { url, route, entry }: { url: URL; route: Route | undefined; entry: { who: string; permissions: readonly string[] } },
): Reply {
  const { method } = request;
  const authorization = Object.entries(request.headers).find(([key]) => key.toLowerCase() === "authorization")?.[1];
  const caller = authenticate(authorization, currentPrincipals(engine), engine.flow.clock.now());
  Object.assign(entry, { who: caller.name });
  checkApiVersion(url);
  const path = url.pathname;
  if (!route) throw notModelled(method, path);
  const { action } = route;
  const scope = route.endsInWord ? path.replace(/\/[^/]+\/?$/, "") : path;
  // $expand=instanceView needs both permissions.
  const expanded = url.searchParams.has("$expand") ? [action.replace(/read$/, "instanceView/read")] : [];
  const permissions = isOwn(engine.world, caller, path) ? [] : [action, ...expanded];
  Object.assign(entry, { permissions });
  for (const each of permissions) authorize(engine.world, caller, each, scope);
  checkLocks(engine, method, scope);
  checkQuery(route, url);
  const body = checkBody(action, request.body);
  throttle(engine, method, path);
  const names = Object.entries(route.pattern.exec(path)?.groups ?? {});
  const decoded = Object.fromEntries(names.map(([key, name]) => [key, decodeURIComponent(name)]));
  const call = { engine, caller, method, action, url, names: decoded, body };
  return faultOf(call) ?? route.handle(call);
}
