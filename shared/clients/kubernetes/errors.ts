import { CallError, memberOf, runCall, textIn } from "../errors.ts";

/** The `CallError.code` of a server-side apply that conflicts with another field manager. */
export const FIELD_MANAGER_CONFLICT = "FieldManagerConflict";

/** The message for a cluster whose users authenticate with a client certificate. */
export const NO_ENTRA =
  "the cluster has no Entra integration (az aks update --enable-aad), its users' certificate is an administrator's; ALLOW_CLUSTER_USER_CERTIFICATE=true takes it all the same";

/** A response of the API server with an error status. The message explains a 401 or 403, then quotes the server. */
export class KubeResponseError extends Error {
  override readonly name = "KubeResponseError";
  readonly statusCode: number;
  readonly code: string | undefined;
  /** The response's headers; `toCallError` reads `Retry-After` from them. */
  readonly response: { readonly headers: Headers };

  constructor(statusCode: number, headers: Headers, body: string) {
    const status = parse(body);
    super(explain(statusCode, textIn(status, "message") ?? `status ${statusCode}`));
    this.statusCode = statusCode;
    this.code = causesOf(status).includes(FIELD_MANAGER_CONFLICT) ? FIELD_MANAGER_CONFLICT : textIn(status, "reason");
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
    const text = cause instanceof Error ? cause.message : String(cause);
    const isDns = /^(ENOTFOUND|EAI_\w+)$/.test(code ?? "");
    const isTls = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|EPROTO|HOSTNAME_MISMATCH)/.test(
      code ?? "",
    );
    const explained = isDns ? explainDns(host) : isTls ? explainTls(host) : explainConnection(host);
    super(`${explained} ${text}`, { cause });
    this.code = code;
    this.isStaleAccess = isDns || isTls;
  }
}

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
    return `the API server does not take the app's token: the cluster's Entra tenant must be the one of the app's identity (az aks show --query aadProfile), and a token lives for the audience of AKS only. ${text}`;
  }
  if (status !== 403) return text;
  const [, verb, resource] = /cannot (\w+) resource "([^"]+)"/.exec(text) ?? [];
  if (verb === undefined && !/access/i.test(text)) return text;
  const missing = verb === undefined ? "a permission" : `the verb ${verb} on ${resource}`;
  return `the app's identity lacks ${missing}; apply infra/kubernetes/base with its object id in bindings.yaml (kubectl apply -k). ${text}`;
}

function explainDns(host: string): string {
  return `the name ${host} is not known here; a private cluster needs the app in a virtual network that its private DNS zone is linked to.`;
}

function explainTls(host: string): string {
  return `${host} shows a certificate that is not signed by the cluster's CA; both are read again for the next call.`;
}

function explainConnection(host: string): string {
  return `no answer from ${host}; a private cluster needs the app in its virtual network, authorized IP ranges must contain the app's address.`;
}

function causesOf(status: unknown): readonly (string | undefined)[] {
  const causes = memberOf(memberOf(status, "details"), "causes");
  return Array.isArray(causes) ? causes.map((cause) => textIn(cause, "reason")) : [];
}

/** Returns undefined for a body that is not JSON, such as the HTML page of a gateway. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
