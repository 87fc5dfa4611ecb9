import { KINDS, type Kind } from "../../contracts/cluster-admin.ts";
import type { ObjectStore } from "./object-store.ts";
import { Refusal } from "./validate.ts";

/** The attributes of a request for authorization; no name if it is not about a single object. */
export interface Attributes {
  readonly user: string;
  readonly verb: string;
  readonly kind: Kind;
  readonly name: string | undefined;
}
type Names = readonly string[];
type Rule = Readonly<Record<"apiGroups" | "resources" | "verbs", Names>> & { readonly resourceNames?: Names };
type RoleRef = { readonly kind: "Role" | "ClusterRole"; readonly name: string };
type Subject = { readonly kind: string; readonly name: string };

const groupOf = (api: string): string => (api === "/api/v1" ? "" : (api.split("/")[2] ?? ""));

/** Throws a 403 if no RBAC rule that is bound to the user allows the request. */
export function authorize(store: ObjectStore, { user, verb, kind, name = "" }: Attributes): void {
  const { api, resource, isNamespaced } = KINDS[kind];
  const group = groupOf(api);
  const local = isNamespaced ? store.list("RoleBinding") : [];
  const isAllowed = [...store.list("ClusterRoleBinding"), ...local]
    .map(({ roleRef, subjects }) => ({ roleRef: roleRef as RoleRef, subjects: subjects as readonly Subject[] }))
    .filter(({ subjects }) => subjects.some((subject) => subject.kind === "User" && subject.name === user))
    .flatMap(({ roleRef }) => (store.get(roleRef.kind, roleRef.name)?.["rules"] ?? []) as readonly Rule[])
    .filter(({ resourceNames = [name] }) => resourceNames.includes(name))
    .some((rule) => rule.apiGroups.includes(group) && rule.resources.includes(resource) && rule.verbs.includes(verb));
  if (!isAllowed) refuse({ user, verb, kind, name });
}

/** Throws the 403 of RBAC. */
export function refuse({ user, verb, kind, name = "" }: Attributes): never {
  const { api, resource, isNamespaced } = KINDS[kind];
  const group = groupOf(api);
  const what = `${group ? `${resource}.${group}` : resource}${name && ` "${name}"`}`;
  const where = isNamespaced ? 'in the namespace "monitoring"' : "at the cluster scope";
  const message = `${what} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`;
  throw new Refusal(403, "Forbidden", message);
}
