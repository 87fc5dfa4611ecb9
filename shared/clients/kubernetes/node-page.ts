import { isRecord, memberOf, parseJson, textIn } from "../../model/json.ts";
import { POOL_LABEL, ZONE_LABEL } from "./schemas.ts";

/** What to keep: everything (`true`), the items of a list that have a type (a text), or fields. */
type Shape = true | string | { readonly [field: string]: Shape };

const NODE: Shape = {
  metadata: {
    name: true,
    uid: true,
    labels: { [POOL_LABEL]: true, [ZONE_LABEL]: true },
    creationTimestamp: true,
    deletionTimestamp: true,
  },
  status: {
    addresses: "InternalIP",
    conditions: "Ready",
    nodeInfo: { bootID: true },
  },
};

/**
 * Returns a page of nodes, as JSON, with what the app reads. A kubelet writes some 20 KB into a Node, most of it about
 * images; the SDK would make objects of its classes of all that, for half as much time and memory again.
 */
export function reduceNodePage(body: string): string {
  const page = parseJson(body);
  const items = memberOf(page, "items");
  if (!Array.isArray(items)) return body;
  return JSON.stringify({ metadata: memberOf(page, "metadata"), items: items.map((node) => reduce(node, NODE)) });
}

/** Keeps a value of another kind than expected, in which the schemas find what is wrong. */
function reduce(value: unknown, shape: Shape): unknown {
  if (shape === true) return value;
  if (typeof shape === "string") {
    return Array.isArray(value) ? value.filter((item) => textIn(item, "type") === shape) : value;
  }
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(shape).map(([key, inner]) => [key, reduce(memberOf(value, key), inner)]));
}
