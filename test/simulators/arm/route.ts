import type { Caller } from "./authenticate.ts";
import type { Engine } from "./engine.ts";
import { ArmError, type Reply } from "./http.ts";
import { same, type ScaleSet } from "./world.ts";

/** A request that matched a route and passed all checks. */
export interface Call {
  readonly engine: Engine;
  readonly caller: Caller;
  readonly method: string;
  readonly action: string;
  readonly url: URL;
  /** The named segments of the path, in the case of the request. */
  readonly names: Readonly<Record<string, string>>;
  /** The parsed body, valid against its schema. */
  readonly body: unknown;
}

/** A request that the simulator models; it returns 501 for all others. */
export interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly action: string;
  /** Whether the path ends in a collection or a verb: its scope is then the part before. */
  readonly endsInWord: boolean;
  /** The supported query options, in addition to those of every request. */
  readonly query: readonly string[];
  readonly handle: (call: Call) => Reply;
}

export const SET =
  "/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachineScaleSets/{set}";

const VERBS: Readonly<Record<string, string>> = {
  GET: "read",
  PUT: "write",
  PATCH: "write",
  DELETE: "delete",
  POST: "action",
};

/** Creates a route from a path with names in braces. Its action is derived from the segments after the provider. */
export function route(method: string, path: string, handle: Route["handle"], query: readonly string[] = []): Route {
  const words = path.slice(path.lastIndexOf("/providers/")).split("/").slice(2);
  const action = [...words.filter((word) => !word.startsWith("{")), VERBS[method]].join("/");
  const pattern = path.replaceAll(".", "[.]").replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  return { method, pattern: new RegExp(`^${pattern}/?$`, "i"), action, endsInWord: !path.endsWith("}"), query, handle };
}

/** Returns a 501, so that a request that is not modelled never succeeds silently. */
export function notModelled(method: string, path: string): ArmError {
  return new ArmError(501, { code: "NotImplemented", message: `The simulator does not model ${method} ${path}.` });
}

/** Returns the resources in the resource group of the path; throws ARM's 404 if the group does not exist. */
export function within<T extends { subscription: string; resourceGroup: string }>(
  { names, engine }: Call,
  all: readonly T[],
): T[] {
  const { clusters, scaleSets } = engine.world;
  const nodeGroups = clusters.map(({ nodeResourceGroup, ...cluster }) => ({
    ...cluster,
    resourceGroup: nodeResourceGroup,
  }));
  const known = [...clusters, ...nodeGroups, ...scaleSets].some(
    ({ subscription, resourceGroup }) => same(subscription, names["sub"]) && same(resourceGroup, names["group"]),
  );
  if (!known) {
    const message = `Resource group '${names["group"]}' could not be found.`;
    throw new ArmError(404, { code: "ResourceGroupNotFound", message }, { "x-ms-failure-cause": "gateway" });
  }
  return all.filter((one) => same(one.subscription, names["sub"]) && same(one.resourceGroup, names["group"]));
}

/** Returns the resource with this name, or throws the 404 of ARM itself (not of the provider). */
export function named<T extends { name: string }>({ names }: Call, all: readonly T[], type: string, name = ""): T {
  const found = all.find((one) => same(one.name, name));
  if (found) return found;
  const message =
    `The Resource '${type}/${name}' under resource group '${names["group"]}' was not found. ` +
    "For more details please go to https://aka.ms/ARMResourceNotFoundFix";
  throw new ArmError(404, { code: "ResourceNotFound", message }, { "x-ms-failure-cause": "gateway" });
}

/** Returns the scale set that the path names, or throws a 404. */
export function scaleSetOf(call: Call): ScaleSet {
  const all = within(call, call.engine.world.scaleSets);
  return named(call, all, "Microsoft.Compute/virtualMachineScaleSets", call.names["set"]);
}

/** Returns the Compute provider's 404 for a VM that does not exist or an extension that is not in the model. */
export function entityNotFound(): ArmError {
  return new ArmError(404, { code: "NotFound", message: "The entity was not found in this Azure location." });
}

/** Returns a page of a list. Ids have the group in capitals, and a full last page links to an empty one (recorded). */
export function page({ engine, url }: Call, items: readonly { id: string }[]): Reply {
  const from = Number(url.searchParams.get("$skiptoken") ?? 0);
  const value = items.slice(from, from + engine.pageSize).map((item) => ({ ...item, id: withUpperCaseGroup(item.id) }));
  if (value.length === 0) return { status: 200, body: { value } };
  const next = new URL(url.pathname + url.search, engine.origin);
  next.searchParams.set("$skiptoken", String(from + value.length));
  return { status: 200, body: { value, nextLink: next.href } };
}

function withUpperCaseGroup(id: string): string {
  return id.replace(/(?<=\/resourceGroups\/)[^/]+/i, (group) => group.toUpperCase());
}
