import { memberOf, parseJson, textIn } from "../../model/json.ts";
import type { Names } from "../../model/refusal.ts";
import { CallError, runCall } from "../errors.ts";

/** The `CallError.code` of a server-side apply that conflicts with another field manager. */
export const FIELD_MANAGER_CONFLICT = "FieldManagerConflict";

/** The message for a cluster whose users authenticate with a client certificate. */
export const NO_ENTRA =
  "The cluster has no Microsoft Entra integration, and the client certificate of its users grants administrator access. Enable the integration (az aks update --enable-aad), or set ALLOW_CLUSTER_USER_CERTIFICATE=true to let the app use the certificate.";

/** A response of the API server with an error status. The message explains a 401 or 403, then quotes the server. */
export class KubeResponseError extends Error {
  override readonly name = "KubeResponseError";
  readonly statusCode: number;
  readonly code: string | undefined;
  /** The response's headers; `toCallError` reads `Retry-After` from them. */
  readonly response: { readonly headers: Headers };
  /** The invalid fields of the object that was sent. */
  readonly fields: readonly string[];
  /** What refuses: the verb and the resource that RBAC does not allow, field managers, or nodes. */
  names: Names | undefined;

  constructor(statusCode: number, headers: Headers, body: string) {
    const status = parseJson(body);
    const text = textIn(status, "message") ?? `HTTP status ${statusCode}`;
    super(explain(statusCode, text));
    const missing = statusCode === 403 ? missingIn(text) : undefined;
    const managers = managersIn(status);
    this.names = missing !== undefined ? { action: missing } : managers.length > 0 ? { managers } : undefined;
    this.fields = causesIn(status).flatMap((cause) => textIn(cause, "field") ?? []);
    this.statusCode = statusCode;
    this.code = managers.length > 0 ? FIELD_MANAGER_CONFLICT : textIn(status, "reason");
    this.response = { headers };
  }
}

/** A request to the API server that got no response. */
export class KubeConnectionError extends Error {
  override readonly name = "KubeConnectionError";
  /** Whether the cached address or CA of the API server may be out of date. */
  readonly isStaleAccess: boolean;
  readonly code: string | undefined;

  constructor(host: string, cause: unknown) {
    const code = textIn(cause, "code");
    const text = (cause instanceof Error ? cause.message : String(cause)) || (code ?? "");
    const problem = problemOf(code, text);
    super(`${EXPLAIN[problem](textIn(cause, "hostname") ?? host)} ${text}`, { cause });
    this.code = code;
    // A proxy does not tell which names it cannot resolve.
    this.isStaleAccess = problem !== "connection";
  }
}

/** What is between the app and the API server. */
type Problem = "dns" | "tls" | "proxy" | "connection";

function problemOf(code = "", text: string): Problem {
  if (/^(ENOTFOUND|EAI_\w+)$/.test(code)) return "dns";
  const isTls = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|EPROTO|HOSTNAME_MISMATCH)/.test(code);
  if (isTls) return "tls";
  return /\bproxy\b/i.test(text) ? "proxy" : "connection";
}

/** Explains a problem with a host, which for `dns` can be the proxy's. */
const EXPLAIN: Readonly<Record<Problem, (host: string) => string>> = {
  dns: (host) =>
    `The name ${host} does not resolve. For a private cluster, run the app in a virtual network that is linked to the cluster's private DNS zone.`,
  tls: (host) =>
    `The certificate of ${host} is not signed by the cluster's CA. The next pass reads the address and the CA of the API server again. If the error repeats, check that no proxy replaces the certificate.`,
  proxy: (host) =>
    `The proxy of HTTPS_PROXY does not connect to ${host}. Allow it there, or add the host to NO_PROXY if the app can reach it directly.`,
  connection: (host) =>
    `The API server ${host} does not respond. For a private cluster, run the app in the cluster's virtual network. If the cluster has authorized IP ranges, add the app's outbound address to them.`,
};

/** Does the same as `runCall` for a call to an API server. Every `KubeConnectionError` is transient. */
export function runKubeCall<T>(call: string, work: () => Promise<T>): Promise<T> {
  return runCall(call, async () => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof KubeConnectionError)) throw error;
      const code = error.code === undefined ? {} : { code: error.code };
      throw new CallError(call, "transient", { ...code, text: error.message, cause: error });
    }
  });
}

function explain(status: number, text: string): string {
  if (status === 401) {
    return `The API server rejected the app's token, whose audience is AKS. Check that the cluster uses the Microsoft Entra tenant of the app's identity (az aks show --query aadProfile). ${text}`;
  }
  return status === 403 ? explainDenied(text) : text;
}

/**
 * Returns the explanation of a 403 of RBAC; an admission webhook's is the server's text. RBAC's message names the user,
 * whose name in AKS is the object ID.
 */
function explainDenied(text: string): string {
  const missing = missingIn(text);
  if (missing === undefined) return text;
  const [, principal = "OBJECT-ID"] = /User "([0-9a-f-]{36})"/.exec(text) ?? [];
  // A 403 for nodes names no namespace.
  const [, namespace = "NAMESPACE"] = /in the namespace "([a-z0-9-]+)"/.exec(text) ?? [];
  const command = `bash infra/operate/apply-manifests.sh --principal ${principal} --cluster CLUSTER-ID --namespace ${namespace}`;
  return `The app's identity lacks ${missing}. Apply the manifests with its object ID (${command}). ${text}`;
}

/**
 * Returns the verb and the resource in the text with which RBAC refuses a request, Kubernetes' or that of Azure. Texts of
 * other programs, which may quote it, have something before it.
 */
function missingIn(text: string): string | undefined {
  const denied = /^\S+(?: "[^"]*")? is forbidden: User "[^"]*" cannot (\w+) resource "([^"]+)" in API group "/;
  const [, verb, resource] = denied.exec(text) ?? [];
  return verb === undefined ? undefined : `the verb ${verb} on ${resource}`;
}

/** Returns each field manager with which a server-side apply conflicts, once and sorted. */
function managersIn(status: unknown): readonly string[] {
  const conflicts = causesIn(status).filter((cause) => textIn(cause, "reason") === FIELD_MANAGER_CONFLICT);
  const managers = conflicts.map((cause) => /conflict with "([^"]*)"/.exec(textIn(cause, "message") ?? "")?.[1] ?? "?");
  return [...new Set(managers)].toSorted();
}

function causesIn(status: unknown): readonly unknown[] {
  const causes: unknown = memberOf(memberOf(status, "details"), "causes");
  return Array.isArray(causes) ? causes : [];
}
