import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { MANAGER } from "../../model/slice.ts";
import { KubeRefusal, KubeUnreachable } from "./errors.ts";

const CONNECT_MS = 5000;
const REQUEST_MS = 20_000;

const unzip = promisify(gunzip);

/** One request to an API server. */
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
 * Connections to one API server, kept between the pages of a list. The SDK's own transport opens one for every request,
 * and cannot be told how long that may take.
 */
export function createKubeAgent(trust: { ca: string; cert?: string; key?: string }): https.Agent {
  return new https.Agent({ ...trust, keepAlive: true, timeout: REQUEST_MS });
}

/** Sends a request; anything but success is thrown, as a `KubeRefusal` or a `KubeUnreachable`. */
export async function sendKube(agent: https.Agent, request: KubeRequest, signal: AbortSignal): Promise<KubeResponse> {
  const response = await unlessUnreachable(agent, request, signal);
  if (response.status < 400) return response;
  throw new KubeRefusal(response.status, new Headers(response.headers), response.body.toString("utf8"));
}

async function unlessUnreachable(agent: https.Agent, request: KubeRequest, signal: AbortSignal): Promise<KubeResponse> {
  const limit = AbortSignal.timeout(REQUEST_MS);
  try {
    return await exchange(agent, request, AbortSignal.any([signal, limit]));
  } catch (error) {
    signal.throwIfAborted();
    const cause = limit.aborted ? new Error(`no answer within ${REQUEST_MS / 1000} s`) : error;
    throw new KubeUnreachable(new URL(request.url).host, cause);
  }
}

async function exchange(agent: https.Agent, request: KubeRequest, signal: AbortSignal): Promise<KubeResponse> {
  const message = await open(agent, request, signal);
  const raw = await buffer(message);
  return {
    status: message.statusCode ?? 0,
    headers: Object.fromEntries(Object.entries(message.headers).map(([key, value]) => [key, String(value)])),
    body: message.headers["content-encoding"] === "gzip" ? await unzip(raw) : raw,
  };
}

async function open(agent: https.Agent, request: KubeRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { url, method, body = "" } = request;
  const own = { "accept-encoding": "gzip", "user-agent": MANAGER, "content-length": Buffer.byteLength(body) };
  const sent = https.request(url, { agent, method, headers: { ...request.headers, ...own }, signal });
  sent.on("socket", limitConnecting);
  sent.end(body);
  try {
    const [message]: IncomingMessage[] = await once(sent, "response");
    if (message === undefined) throw new Error("no response");
    return message;
  } catch (error) {
    // The server may close an idle connection while a request is on its way; reading again does no harm.
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
