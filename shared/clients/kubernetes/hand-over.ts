import { memberOf, textIn } from "../../model/json.ts";
import { type DesiredSlice, fieldManagerOf, FORMER_FIELD_MANAGER } from "../../model/slice.ts";
import { KubeResponseError } from "./errors.ts";

/** A server-side apply of a body by a field manager; returns the object as the API server stored it. */
export type Apply = (body: object, fieldManager: string) => Promise<unknown>;

/** Whose an object is, and whether the field manager of earlier builds owns fields of it. */
type Owned = Pick<DesiredSlice, "owner" | "hasFormerManager">;

/** An object for server-side apply. */
export interface ObjectToApply {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly resourceVersion?: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly object[];
  };
  readonly [content: string]: unknown;
}

/** Applies an object as the owner's field manager. If the API server refuses endpoints, the error names their nodes. */
export async function applyAsOwner(apply: Apply, body: ObjectToApply, owned: Owned): Promise<void> {
  try {
    await applyOrHandOver(apply, body, owned);
  } catch (error) {
    const nodes = error instanceof KubeResponseError ? nodesAt(body, error.fields) : [];
    if (error instanceof KubeResponseError && nodes.length > 0) error.names = { nodes };
    throw error;
  }
}

/**
 * Applies an object. If the field manager of earlier builds owns fields of it, that one writes the content first, then
 * both own it, then the former one gives it up: no field is missing in between, and a conflict with any other manager ends
 * it before anything is written.
 */
async function applyOrHandOver(apply: Apply, body: ObjectToApply, { owner, hasFormerManager }: Owned): Promise<void> {
  if (!hasFormerManager) {
    await apply(body, fieldManagerOf(owner));
    return;
  }
  const { apiVersion, kind, metadata } = body;
  const written = await apply(body, FORMER_FIELD_MANAGER);
  const shared = await apply({ ...body, metadata: { ...metadata, ...versionIn(written) } }, fieldManagerOf(owner));
  const { name, namespace } = metadata;
  await apply({ apiVersion, kind, metadata: { name, namespace, ...versionIn(shared) } }, FORMER_FIELD_MANAGER);
}

function versionIn(stored: unknown): { readonly resourceVersion?: string } {
  const resourceVersion = textIn(memberOf(stored, "metadata"), "resourceVersion");
  return resourceVersion === undefined ? {} : { resourceVersion };
}

/** Returns the nodes whose endpoints have invalid fields, once and sorted. */
function nodesAt(body: ObjectToApply, fields: readonly string[]): readonly string[] {
  return [...new Set(fields.flatMap((field) => nodeAt(body, field)))].toSorted();
}

/** `endpoints[7].addresses[0]` and `subsets[0].addresses[7].ip` are about one node each. */
function nodeAt(body: ObjectToApply, field: string): readonly string[] {
  const [path = ""] = /^(?:endpoints\[\d+\]|subsets\[\d+\]\.\w+\[\d+\])/.exec(field) ?? [];
  const found = (path.match(/\w+/g) ?? []).reduce<unknown>(memberOf, body);
  const node = textIn(memberOf(found, "targetRef"), "name");
  return node === undefined ? [] : [node];
}
