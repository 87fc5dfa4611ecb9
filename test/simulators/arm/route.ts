import type { Caller } from "./authenticate.ts";
import type { Engine } from "./engine.ts";
import { ArmError, type Reply } from "./http.ts";
import { same, type ScaleSet } from "./world.ts";

/** A request that has come as far as its resource. */
export interface Call {
  readonly engine: Engine;
  readonly caller: Caller;
  readonly method: string;
  readonly action: string;
  readonly url: URL;
  /** Names out of the path, as they were written. */
  readonly names: Readonly<Record<string, string>>;
  /** Parsed, and valid by its schema. */
  readonly body: unknown;
}

/** A request the simulator knows; everything else is 501. */
export interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly action: string;
  /** The path ends in a collection or a verb: the scope is what is before it. */
  readonly endsInWord: boolean;
  /** Query options that are modelled, apart from those of every request. */
  readonly query: readonly string[];
  readonly handle: (call: Call) => Reply;
}

export const SET =
  "/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachineScaleSets/{set}";

const VERBS: Readonly<Record<string, string>> = { GET: "read", PUT: "write", DELETE: "delete", POST: "action" };

/** A route by its path with names in braces; the action is told by the words after the provider. */
export function route(method: string, path: string, handle: Route["handle"], query: readonly string[] = []): Route {
  const words = path.slice(path.lastIndexOf("/providers/")).split("/").slice(2);
  const action = [...words.filter((word) => !word.startsWith("{")), VERBS[method]].join("/");
  const pattern = path.replaceAll(".", "[.]").replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  return { method, pattern: new RegExp(`^${pattern}/?$`, "i"), action, endsInWord: !path.endsWith("}"), query, handle };
}

/** 501: never a silent 200 for what is not modelled. */
export function notModelled(method: string, path: string): ArmError {
  return new ArmError(501, { code: "NotImplemented", message: `The simulator does not model ${method} ${path}.` });
}

/** What there is in the path's resource group. */
export function within<T extends { subscription: string; resourceGroup: string }>(
  { names }: Call,
  all: readonly T[],
): T[] {
  return all.filter((one) => same(one.subscription, names["sub"]) && same(one.resourceGroup, names["group"]));
}

/** What has this name, or 404 as ARM itself gives it, before the provider is asked. */
export function named<T extends { name: string }>({ names }: Call, all: readonly T[], type: string, name = ""): T {
  const found = all.find((one) => same(one.name, name));
  if (found) return found;
  const message =
    `The Resource '${type}/${name}' under resource group '${names["group"]}' was not found. ` +
    "For more details please go to https://aka.ms/ARMResourceNotFoundFix";
  throw new ArmError(404, { code: "ResourceNotFound", message }, { "x-ms-failure-cause": "gateway" });
}

/** The scale set of the path, or 404. */
export function scaleSetOf(call: Call): ScaleSet {
  const all = within(call, call.engine.world.scaleSets);
  return named(call, all, "Microsoft.Compute/virtualMachineScaleSets", call.names["set"]);
}

/** 404 as the Compute provider gives it for a vanished VM or an extension that is not in the model. */
export function entityNotFound(): ArmError {
  return new ArmError(404, { code: "NotFound", message: "The entity was not found in this Azure location." });
}

/** A page of a list, ids with the group in capitals (recorded); the last full page points to an empty one. */
export function page({ engine, url }: Call, items: readonly { id: string }[]): Reply {
  const from = Number(url.searchParams.get("$skiptoken") ?? 0);
  const value = items.slice(from, from + engine.pageSize).map((item) => ({ ...item, id: inCapitals(item.id) }));
  if (value.length === 0) return { status: 200, body: { value } };
  const next = new URL(url.pathname + url.search, engine.origin);
  next.searchParams.set("$skiptoken", String(from + value.length));
  return { status: 200, body: { value, nextLink: next.href } };
}

function inCapitals(id: string): string {
  return id.replace(/(?<=\/resourceGroups\/)[^/]+/i, (group) => group.toUpperCase());
}
