import type { IncomingHttpHeaders } from "node:http";
import { KINDS, type Kind, type KubeObject } from "../../contracts/cluster-admin.ts";
import { userOfToken } from "../../entra-user.ts";
import { type Attributes, authorize, refuse } from "./authorize.ts";
import type { ObjectStore } from "./object-store.ts";
import { Refusal } from "./validate.ts";

/** Makes requests fail; `status` 0 closes the connection. The first `skip` matching requests succeed. */
export interface Fault {
  readonly verb?: string;
  readonly resource?: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  skip?: number;
  times: number;
}
/** A request in the journal; verbs are `GET`, `LIST`, `APPLY`, `DELETE`. */
export interface Call {
  readonly at: number;
  readonly user: string | undefined;
  readonly verb: string;
  readonly resource: string;
  readonly name: string | undefined;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly status: number;
}
type Request = Readonly<{ method: string; url: URL; headers: IncomingHttpHeaders; body: unknown }>;
type Answer = Pick<Fault, "status" | "headers"> & { readonly body: unknown };
export interface KubeState {
  readonly store: ObjectStore;
  readonly now: () => number;
  readonly journal: Call[];
  readonly faults: Fault[];
  /** Whether the API server has loaded its RBAC rules; a moment after its start it has not. */
  hasRules: boolean;
  /** The remaining items of paged lists, by continue token. */
  readonly pages: Map<string, readonly KubeObject[]>;
}

const PATHS = /^\/apis?\/(?:discovery\.k8s\.io\/)?v1(?:\/namespaces\/[^/]+)?\/([a-z]+)(?:\/([^/]+))?$/;
const MODELLED = /^(GET services|LIST nodes|(GET|APPLY|DELETE) endpoints|(GET|LIST|APPLY|DELETE) endpointslices)$/;
const DEPRECATED = { warning: '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"' };

/** Handles one request and adds it to the journal. */
export function answer(state: KubeState, request: Request): Answer {
  const { url, body, headers } = request;
  const isReadiness = url.pathname === "/readyz";
  const [, resource = "", name] = isReadiness ? ["", "readyz", ""] : (PATHS.exec(url.pathname) ?? []);
  const verb = verbOf(request, name);
  const token = headers.authorization?.split(" ")[1];
  const user = token === undefined ? "system:anonymous" : userOfToken(token, state.now());
  const answered = attempt(() => {
    const fault = takeFault(state.faults, verb, resource);
    if (fault) throw fault;
    if (user === undefined) throw new Refusal(401, "Unauthorized", "Unauthorized");
    if (isReadiness) return readiness(state, user);
    const kind = (Object.keys(KINDS) as Kind[]).find((one) => KINDS[one].resource === resource);
    if (!kind || !MODELLED.test(`${verb} ${resource}`)) throw new Refusal(501, "", `not modelled: ${verb} ${url.href}`);
    return perform(state, { user, verb, kind, name }, request);
  });
  const { status } = answered;
  const query = Object.fromEntries(url.searchParams);
  state.journal.push({ at: state.now(), user, verb, resource, name, query, body, status });
  return { ...answered, headers: { ...answered.headers, ...(resource === "endpoints" && DEPRECATED) } };
}

/** Every user may read it, by a rule that is loaded with the others. */
function readiness({ hasRules }: KubeState, user: string): Answer {
  if (!hasRules) throw new Refusal(403, "Forbidden", `forbidden: User "${user}" cannot get path "/readyz"`);
  return { status: 200, body: "ok" };
}

function verbOf({ method, headers }: Request, name: string | undefined): string {
  if (method === "GET") return name === undefined ? "LIST" : "GET";
  return headers["content-type"] === "application/apply-patch+yaml" ? "APPLY" : method;
}

function attempt(work: () => Answer): Answer {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function perform(state: KubeState, attributes: Attributes, { url, body }: Request): Answer {
  const { store } = state;
  const { verb, kind, name = "" } = attributes;
  if (!state.hasRules) refuse({ ...attributes, verb: verb === "APPLY" ? "patch" : verb.toLowerCase() });
  if (verb === "APPLY") return apply(store, attributes, { body, query: Object.fromEntries(url.searchParams) });
  authorize(store, { ...attributes, verb: verb.toLowerCase() });
  if (verb === "LIST") return { status: 200, body: list(state, kind, url.searchParams) };
  const found = store.get(kind, name);
  if (verb === "GET" && found) return { status: 200, body: found };
  const { preconditions } = (body ?? {}) as { preconditions?: { resourceVersion?: string } };
  store.remove(kind, name, preconditions?.resourceVersion);
  return { status: 200, body: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success" } };
}

function apply(store: ObjectStore, attributes: Attributes, { body, query }: Pick<Call, "body" | "query">): Answer {
  authorize(store, { ...attributes, verb: "patch" });
  const exists = store.get(attributes.kind, attributes.name ?? "") !== undefined;
  if (!exists) authorize(store, { ...attributes, verb: "create" });
  const applied = store.apply(body as KubeObject, query["fieldManager"] ?? "", query["force"] === "true");
  return { status: exists ? 200 : 201, body: applied };
}

/** Returns a page of a list. Later pages come from the first page's snapshot, until their token expires. */
function list({ store, pages }: KubeState, kind: Kind, query: URLSearchParams): object {
  const [label = "", value] = (query.get("labelSelector") ?? "").split("=");
  const fits = ({ metadata }: KubeObject): boolean => value === undefined || metadata.labels?.[label] === value;
  const token = query.get("continue");
  const rest = token === null ? store.list(kind).filter(fits) : pages.get(token);
  if (!rest) throw new Refusal(410, "Expired", "The provided continue parameter is too old");
  const limit = Number(query.get("limit") ?? rest.length);
  if (rest.length <= limit) return { kind: `${kind}List`, apiVersion: "v1", metadata: {}, items: rest };
  const next = `${kind}-${pages.size}`;
  pages.set(next, rest.slice(limit));
  return { kind: `${kind}List`, apiVersion: "v1", metadata: { continue: next }, items: rest.slice(0, limit) };
}

function takeFault(faults: readonly Fault[], verb: string, resource: string): Refusal | undefined {
  const fits = (one: Fault): boolean => (one.verb ?? verb) === verb && (one.resource ?? resource) === resource;
  const fault = faults.find((one) => fits(one) && one.times > 0);
  if (!fault) return undefined;
  fault.skip = (fault.skip ?? 0) - 1;
  if (fault.skip >= 0) return undefined;
  fault.times -= 1;
  return Object.assign(new Refusal(fault.status, "", "a scripted failure"), { headers: fault.headers ?? {} });
}
