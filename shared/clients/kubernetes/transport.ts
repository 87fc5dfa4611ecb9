import type { PromiseHttpLibrary, ResponseBody } from "@kubernetes/client-node";
import type { Dispatcher } from "undici";
import { textIn } from "../../model/json.ts";
import { MANAGED_BY } from "../../model/slice.ts";
import { LARGEST_BODY_BYTES, readTextAtMost, TooLargeError } from "../read-at-most.ts";
import { HttpMethod, IsomorphicFetchHttpLibrary, RequestContext, ResponseContext } from "../sdk/kubernetes.ts";
import { CONNECT_MS } from "./agent.ts";
import { KubeConnectionError, KubeResponseError } from "./errors.ts";

const REQUEST_MS = 20_000;

/** The agent of one API server, and the token for it; without one, the client certificate of the agent authenticates. */
export interface KubeConnection {
  readonly agent: Dispatcher;
  readonly token: ((signal: AbortSignal) => Promise<string>) | undefined;
  /** Called if the API server may have another address or CA by now. */
  readonly onStaleAccess: () => void;
}

export interface SendOptions {
  readonly signal: AbortSignal;
  /** Returns the body that the SDK reads. */
  readonly reduce: (body: string) => string;
}

interface Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Returns the SDK's own transport within the app's limits of time and bytes. It throws a `KubeResponseError` for an error
 * status and, without a response, a `KubeConnectionError`.
 */
export function createKubeTransport(connection: KubeConnection, { signal, reduce }: SendOptions): PromiseHttpLibrary {
  return {
    send: async (request) => {
      if (connection.token) request.setHeaderParam("Authorization", `Bearer ${await connection.token(signal)}`);
      request.setHeaderParam("User-Agent", MANAGED_BY);
      const { status, headers, body } = await exchange(connection, request, signal);
      if (status >= 400) throw await refusalOf({ status, headers, body }, () => isReady(connection, request, signal));
      return new ResponseContext(status, { ...headers }, bodyOf(reduce(body)));
    },
  };
}

function bodyOf(text: string): ResponseBody {
  return { text: async () => text, binary: async () => Buffer.from(text), stream: () => null };
}

async function refusalOf({ status, headers, body }: Response, isReady: () => Promise<boolean>): Promise<Error> {
  const error = new KubeResponseError(status, new Headers(headers), body);
  // An API server that has just started knows no rule yet, and refuses everything in RBAC's words.
  if (error.names?.action === undefined || (await isReady())) return error;
  const message = `The API server is not ready, so that it may not have loaded its RBAC rules yet. ${error.message}`;
  return new KubeResponseError(503, new Headers(headers), JSON.stringify({ message, reason: "ServiceUnavailable" }));
}

/** Every user may read `/readyz`, as soon as the rules are loaded. */
async function isReady(connection: KubeConnection, refused: RequestContext, signal: AbortSignal): Promise<boolean> {
  const probe = new RequestContext(new URL("/readyz", refused.getUrl()).href, HttpMethod.GET);
  for (const [name, value] of Object.entries(refused.getHeaders())) probe.setHeaderParam(name, value);
  return (await exchange(connection, probe, signal)).status === 200;
}

/** Returns the response of any status; throws a `KubeConnectionError` if it does not arrive within the time limit. */
async function exchange(
  { agent, onStaleAccess }: KubeConnection,
  request: RequestContext,
  signal: AbortSignal,
): Promise<Response> {
  const limit = AbortSignal.timeout(REQUEST_MS);
  request.setDispatcher(agent);
  request.setSignal(AbortSignal.any([signal, limit]));
  try {
    const { httpStatusCode, headers, body } = await new IsomorphicFetchHttpLibrary().send(request).toPromise();
    return { status: httpStatusCode, headers, body: await readTextAtMost(body.stream(), LARGEST_BODY_BYTES) };
  } catch (error) {
    signal.throwIfAborted();
    const cause = rootOf(error);
    if (cause instanceof TooLargeError || cause instanceof KubeResponseError) throw cause;
    const late = new Error(`no response within ${REQUEST_MS / 1000} s`);
    const failure = new KubeConnectionError(new URL(request.getUrl()).host, limit.aborted ? late : readable(cause));
    if (failure.isStaleAccess) onStaleAccess();
    throw failure;
  }
}

/** Returns undici's error of a connection that takes too long with the text of the other limits. */
function readable(cause: unknown): unknown {
  const isLate = textIn(cause, "code") === "UND_ERR_CONNECT_TIMEOUT";
  return isLate ? new Error(`no connection within ${CONNECT_MS / 1000} s`, { cause }) : cause;
}

/** The SDK's transport wraps the error of a connection once or twice. */
function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? rootOf(error.cause) : error;
}
