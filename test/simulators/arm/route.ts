import type { Caller, Engine } from "./engine.ts";
import { ArmError, entityNotFound, resourceNotFound } from "./http.ts";
import type { Reply } from "./http.ts";
import type { Bucket } from "./throttle.ts";
import { same } from "./world.ts";
import type { Instance, ScaleSet } from "./world.ts";

/** A request that has come as far as its resource. */
export interface Call {
  readonly engine: Engine;
  readonly caller: Caller;
  readonly method: string;
  readonly url: URL;
  /** Names out of the path, as they were written. */
  readonly names: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly action: string;
}

/** A request the simulator knows; everything else is 501. */
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly action: string;
  /** The path's last segment is a verb, not part of the scope. */
  readonly verb?: boolean;
  /** Actions that some queries need on top. */
  readonly also?: (url: URL) => readonly string[];
  /** Query options that are modelled, apart from api-version. */
  readonly query?: readonly string[];
  readonly bucket?: Bucket;
  /** Whoever started an operation may look at it. */
  readonly ownerOf?: (engine: Engine, names: Readonly<Record<string, string>>) => string | undefined;
  /** Refuses a bad body before anything is done. */
  readonly check?: (body: string | undefined) => unknown;
  readonly handle: (call: Call) => Reply;
}

/** A path template with its placeholders read, for `{subscription}` and the like. */
export function match(route: Route, method: string, path: string): Record<string, string> | undefined {
  if (route.method !== method) return undefined;
  const pattern = route.path.replaceAll(".", String.raw`\.`).replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  const groups = new RegExp(`^${pattern}/?$`, "i").exec(path)?.groups;
  if (!groups) return undefined;
  return Object.fromEntries(Object.entries(groups).map(([key, value]) => [key, decodeURIComponent(value)]));
}

/** 501: never a silent 200 for what is not modelled. */
export function notModelled(method: string, path: string): ArmError {
  return new ArmError(501, { code: "NotImplemented", message: `The simulator does not model ${method} ${path}.` });
}

/** The scale set of the path, or 404 as ARM gives it. */
export function scaleSetOf({ engine, names }: Pick<Call, "engine" | "names">): ScaleSet {
  const { subscription, group = "", set = "" } = names;
  const found = engine.world.scaleSets.find(
    (one) => same(one.subscription, subscription) && same(one.resourceGroup, group) && same(one.name, set),
  );
  if (!found) throw resourceNotFound("Microsoft.Compute/virtualMachineScaleSets", set, group);
  return found;
}

/** The instance of the path, or 404 as Compute gives it. */
export function instanceOf(call: Call): { scaleSet: ScaleSet; instance: Instance } {
  const scaleSet = scaleSetOf(call);
  const instance = scaleSet.instances.find(({ id }) => id === call.names["instance"]);
  if (!instance) throw entityNotFound();
  return { scaleSet, instance };
}

/** A page of a list; the last full page points to an empty one, as AKS's lists do. */
export function page(call: Call, items: readonly unknown[]): Reply {
  const { engine, url } = call;
  const from = Number(url.searchParams.get("$skiptoken") ?? 0);
  const value = items.slice(from, from + engine.pageSize);
  if (value.length === 0) return { status: 200, body: { value } };
  const next = new URL(url.pathname + url.search, engine.origin());
  next.searchParams.set("$skiptoken", String(from + value.length));
  return { status: 200, body: { value, nextLink: next.href } };
}

/** The id as lists show it: the recordings have the group in capitals. */
export function listed<T extends { id: string }>(engine: Engine, item: T): T {
  if (!engine.unknowns.listsUpperCaseGroup) return item;
  return { ...item, id: item.id.replace(/(?<=\/resourceGroups\/)[^/]+/i, (group) => group.toUpperCase()) };
}
