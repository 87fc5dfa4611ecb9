import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { KINDS, type Kind, type KubeObject, type Metadata, NAMESPACE } from "../../contracts/cluster-admin.ts";
import { Refusal, validate, validateSchema } from "./validate.ts";

/** The fields that can have an owner: labels, annotations, and whole members, because the lists here are atomic. */
type Fields = ReadonlyMap<string, unknown>;
type Managers = ReadonlyMap<string, ReadonlySet<string>>;
type Nested = { [key: string]: Nested };
/** An object as fields, with the owners of each field. */
interface Stored {
  readonly fields: Fields;
  readonly managers: Managers;
  readonly object: KubeObject;
}

/** The objects of one cluster, in one namespace, by kind and name. */
export class ObjectStore {
  readonly #objects = new Map<string, Stored>();
  readonly #now: () => number;
  #revision = 100;

  constructor(now: () => number) {
    this.#now = now;
  }

  get(kind: Kind, name: string): KubeObject | undefined {
    return this.#objects.get(`${kind}/${name}`)?.object;
  }

  /** Returns the objects of a kind by name, in etcd's key order. */
  list(kind: Kind): readonly KubeObject[] {
    const found = [...this.#objects.values()].map(({ object }) => object).filter((object) => object.kind === kind);
    return found.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  /** Server-side apply. Like the real server, it ignores the resourceVersion if the object does not exist. */
  apply(wanted: KubeObject, manager: string, force: boolean): KubeObject {
    const { kind, metadata } = wanted;
    const before = this.#objects.get(`${kind}/${metadata.name}`);
    validateSchema(wanted);
    if (before) expectVersion(before, metadata.resourceVersion);
    const { fields, managers } = merge(fieldsOf(wanted), before, { manager, force });
    if (before && isDeepStrictEqual([before.fields, before.managers], [fields, managers])) return before.object;
    const object = objectOf(wanted, fields, this.#metadataOf(wanted, before, managers));
    validate(object, before?.object);
    this.#revision += 1;
    this.#objects.set(`${kind}/${metadata.name}`, { fields, managers, object });
    this.#collect(object);
    return object;
  }

  #metadataOf({ kind, metadata: { name } }: KubeObject, before: Stored | undefined, managers: Managers): Metadata {
    const { uid = randomUUID(), creationTimestamp = this.#iso(), deletionTimestamp } = before?.object.metadata ?? {};
    const namespace = KINDS[kind as Kind].isNamespaced ? { namespace: NAMESPACE } : {};
    const going = deletionTimestamp === undefined ? {} : { deletionTimestamp };
    const managedFields = [...managers].map(([manager, owned]) => entryOf(manager, owned));
    const resourceVersion = `${this.#revision + 1}`;
    return { name, ...namespace, uid, resourceVersion, creationTimestamp, ...going, managedFields };
  }

  remove(kind: Kind, name: string, resourceVersion?: string): void {
    const stored = this.#objects.get(`${kind}/${name}`);
    if (!stored) throw new Refusal(404, "NotFound", `${kind} "${name}" not found`);
    expectVersion(stored, resourceVersion);
    const metadata = { ...stored.object.metadata, deletionTimestamp: this.#iso() };
    const object = { ...stored.object, metadata };
    this.#objects.set(`${kind}/${name}`, { ...stored, object });
    this.#collect(object);
  }

  /** Deletes objects that are being deleted and have no finalizers, and objects none of whose owners exists. */
  #collect({ metadata: { deletionTimestamp, ownerReferences } }: KubeObject): void {
    if (deletionTimestamp === undefined && ownerReferences === undefined) return;
    for (const [key, { object }] of this.#objects) if (isGone(object)) this.#objects.delete(key);
    const uids = new Set([...this.#objects.values()].map(({ object }) => object.metadata.uid));
    for (const [key, { object }] of this.#objects) {
      if (object.metadata.ownerReferences?.every(({ uid }) => !uids.has(uid))) this.#objects.delete(key);
    }
  }

  #iso = (): string => `${new Date(this.#now()).toISOString().slice(0, 19)}Z`;
}

const isGone = ({ metadata }: KubeObject): boolean =>
  metadata.deletionTimestamp !== undefined && !metadata.finalizers?.length;

function expectVersion({ object }: Stored, expected: string | undefined): void {
  const { name, resourceVersion } = object.metadata;
  if (expected === undefined || expected === resourceVersion) return;
  const message = `Operation cannot be fulfilled on ${object.kind} "${name}": the object has been modified`;
  throw new Refusal(409, "Conflict", message);
}

function merge(
  wanted: Fields,
  before: Stored | undefined,
  { manager, force }: { manager: string; force: boolean },
): Pick<Stored, "fields" | "managers"> {
  const others = new Map(before?.managers);
  others.delete(manager);
  const differs = (path: string): boolean => !isDeepStrictEqual(before?.fields.get(path), wanted.get(path));
  const causes = [...others].flatMap(([other, owned]) => {
    const lost = [...owned].filter((path) => wanted.has(path) && differs(path));
    others.set(other, new Set([...owned].filter((path) => !lost.includes(path))));
    const cause = { reason: "FieldManagerConflict", message: `conflict with "${other}"` };
    return lost.map((path) => ({ ...cause, field: `.${path.replaceAll("\n", ".")}` }));
  });
  if (causes.length > 0 && !force) {
    throw new Refusal(409, "Conflict", describeConflicts(causes), { causes });
  }
  const all = new Map([...others, [manager, new Set(wanted.keys())]]);
  const managers = new Map([...all].filter(([, paths]) => paths.size > 0));
  const owned = new Set([...managers.values()].flatMap((paths) => [...paths]));
  const fields = new Map([...(before?.fields ?? []), ...wanted].filter(([path]) => owned.has(path)));
  return { fields, managers };
}

/** Returns the real server's text: one conflict is in one line, several are listed by manager. */
function describeConflicts(causes: readonly { readonly message: string; readonly field: string }[]): string {
  const [first] = causes;
  if (causes.length === 1) return `Apply failed with 1 conflict: ${first?.message}: ${first?.field}`;
  const lists = [...Map.groupBy(causes, ({ message }) => message.replace("conflict", "conflicts"))].map(
    ([message, those]) => `${message}:\n${those.map(({ field }) => `- ${field}`).join("\n")}`,
  );
  return `Apply failed with ${causes.length} conflicts: ${lists.join("\n")}`;
}

/** Returns the fields of an applied object; the segments of a path are joined by newlines. */
function fieldsOf({ metadata, ...members }: KubeObject): Fields {
  const fields = new Map(Object.entries(members).filter(([key]) => key !== "apiVersion" && key !== "kind"));
  const { labels = {}, annotations = {}, finalizers, ownerReferences } = metadata;
  for (const [key, value] of Object.entries(labels)) fields.set(`metadata\nlabels\n${key}`, value);
  for (const [key, value] of Object.entries(annotations)) fields.set(`metadata\nannotations\n${key}`, value);
  if (finalizers) fields.set("metadata\nfinalizers", finalizers);
  if (ownerReferences) fields.set("metadata\nownerReferences", ownerReferences);
  if (members.kind === "Service") fields.set("spec", withFamilies(members["spec"] as object));
  return fields;
}

function objectOf({ apiVersion, kind }: KubeObject, fields: Fields, metadata: Metadata): KubeObject {
  const members: Nested = { metadata: { ...metadata } as Nested };
  for (const [path, value] of fields) setAt(members, path.split("\n"), value as Nested);
  return { apiVersion, kind, metadata, ...members };
}

/** Returns an entry of `metadata.managedFields`. */
function entryOf(manager: string, owned: ReadonlySet<string>): object {
  const fieldsV1: Nested = {};
  for (const path of owned) {
    const parts = path.split("\n").map((part) => `f:${part}`);
    setAt(fieldsV1, parts, {});
  }
  return { manager, operation: "Apply", fieldsType: "FieldsV1", fieldsV1 };
}

function setAt(target: Nested, [first = "", ...rest]: readonly string[], value: Nested): void {
  if (rest.length === 0) target[first] = value;
  else setAt((target[first] ??= {}), rest, value);
}

/** Adds the IP families: a headless Service without a selector gets both, even in a single-stack cluster. */
function withFamilies(spec: { readonly clusterIP?: string; readonly selector?: object }): object {
  const isBare = spec.clusterIP === "None" && spec.selector === undefined;
  return { ipFamilies: isBare ? ["IPv4", "IPv6"] : ["IPv4"], ...spec };
}
