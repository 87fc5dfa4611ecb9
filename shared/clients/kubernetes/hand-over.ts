import { memberOf, textIn } from "../../model/json.ts";
import { fieldManagerOf, FORMER_FIELD_MANAGER } from "../../model/slice.ts";

/** A server-side apply of a body by a field manager; returns the object as the API server stored it. */
export type Apply = (body: object, fieldManager: string) => Promise<unknown>;

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

/**
 * Applies an object as the owner's field manager. If the field manager of earlier builds owns fields of it, that one
 * writes the content first, then both own it, then the former one gives it up: no field is missing in between, and a
 * conflict with any other manager ends it before anything is written.
 */
export async function applyAsOwner(
  apply: Apply,
  body: ObjectToApply,
  { owner, hasFormerManager }: { readonly owner: string; readonly hasFormerManager: boolean },
): Promise<void> {
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
