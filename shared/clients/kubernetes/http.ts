import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { textIn } from "../../model/json.ts";
import { MANAGED_BY } from "../../model/slice.ts";
import { LARGEST_BODY_BYTES, readAtMost, TooLargeError } from "../read-at-most.ts";
import { KubeConnectionError, KubeResponseError } from "./errors.ts";

const CONNECT_MS = 5000;
const REQUEST_MS = 20_000;

const unzip = promisify(gunzip);

/** Unpacks a body; a small one may unpack to much more. */
async function inflate(raw: Buffer): Promise<Buffer> {
  try {
    return await unzip(raw, { maxOutputLength: LARGEST_BODY_BYTES });
  } catch (error) {
    throw textIn(error, "code") === "ERR_BUFFER_TOO_LARGE" ? new TooLargeError(LARGEST_BODY_BYTES) : error;
  }
}

/** A request to an API server. */
export interface KubeRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface KubeResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * Creates the agent for one API server, which keeps connections alive between requests, such as those for the pages of
 * a list. The SDK's own transport opens a connection for each request and has no connection timeout.
 */
export function createKubeAgent(trust: { ca: string; cert?: string; key?: string }): https.Agent {
  return new https.Agent({ ...trust, keepAlive: true, timeout: REQUEST_MS });
}

/** Returns the response to a request; throws a `KubeResponseError` or, without a response, a `KubeConnectionError`. */
export async function sendKube(agent: https.Agent, request: KubeRequest, signal: AbortSignal): Promise<KubeResponse> {
  const response = await exchangeInTime(agent, request, signal);
  if (response.status < 400) return response;
  const headers = new Headers(response.headers);
  const error = new KubeResponseError(response.status, headers, response.body.toString("utf8"));
  // An API server that has just started knows no rule yet, and refuses everything in RBAC's words.
  const hasRules = error.names?.action === undefined || (await isReady(agent, request, signal));
  if (hasRules) throw error;
  const message = `The API server is not ready, so that it may not have loaded its RBAC rules yet. ${error.message}`;
  throw new KubeResponseError(503, headers, JSON.stringify({ message, reason: "ServiceUnavailable" }));
}

/** Every user may read `/readyz`, as soon as the rules are loaded. */
async function isReady(agent: https.Agent, { url, headers }: KubeRequest, signal: AbortSignal): Promise<boolean> {
  const probe = { url: new URL("/readyz", url).href, method: "GET", headers, body: undefined };
  const { status } = await exchangeInTime(agent, probe, signal);
  return status === 200;
}

/** Returns the response of any status; throws a `KubeConnectionError` if it does not arrive within the time limit. */
async function exchangeInTime(agent: https.Agent, request: KubeRequest, signal: AbortSignal): Promise<KubeResponse> {
  const limit = AbortSignal.timeout(REQUEST_MS);
  try {
    return await exchange(agent, request, AbortSignal.any([signal, limit]));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TooLargeError) throw error;
    const cause = limit.aborted ? new Error(`no response within ${REQUEST_MS / 1000} s`) : error;
    throw new KubeConnectionError(new URL(request.url).host, cause);
  }
}

async function exchange(agent: https.Agent, request: KubeRequest, signal: AbortSignal): Promise<KubeResponse> {
  const message = await open(agent, request, signal);
  const raw = await readAtMost(message, LARGEST_BODY_BYTES);
  return {
    status: message.statusCode ?? 0,
    headers: Object.fromEntries(Object.entries(message.headers).map(([key, value]) => [key, String(value)])),
    body: message.headers["content-encoding"] === "gzip" ? await inflate(raw) : raw,
  };
}

async function open(agent: https.Agent, request: KubeRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { url, method, body = "" } = request;
  const own = { "accept-encoding": "gzip", "user-agent": MANAGED_BY, "content-length": Buffer.byteLength(body) };
  const sent = https.request(url, { agent, method, headers: { ...request.headers, ...own }, signal });
  sent.on("socket", limitConnecting);
  sent.end(body);
  try {
    const [message]: IncomingMessage[] = await once(sent, "response");
    if (message === undefined) throw new Error("no response");
    return message;
  } catch (error) {
    // The server may close an idle connection just as the request is sent; a GET is safe to repeat.
    if (sent.reusedSocket && method === "GET" && !signal.aborted) return open(agent, request, signal);
    throw error;
  }
}

function limitConnecting(socket: Socket): void {
  if (!socket.connecting) return;
  const late = new Error(`no connection within ${CONNECT_MS / 1000} s`);
  const timer = setTimeout(() => socket.destroy(late), CONNECT_MS);
  const clear = (): void => clearTimeout(timer);
  socket.once("secureConnect", clear).once("close", clear);
}
