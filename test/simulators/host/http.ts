import type { IncomingMessage, ServerResponse } from "node:http";
import type { HostedFunction, RpcData } from "./core-api.ts";

/** Answers a request; of what was thrown no word reaches the caller. */
export async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (call: Request) => Response | Promise<Response>,
): Promise<void> {
  const reply = await readCall(request)
    .then(answer, () => empty(400))
    .catch(() => empty(500));
  const body = Buffer.from(await reply.arrayBuffer());
  const contentType = body.length > 0 ? { "content-type": "text/plain;charset=UTF-8" } : {};
  response.writeHead(reply.status, { ...contentType, ...Object.fromEntries(reply.headers) }).end(body);
}

/** An answer without a body. */
export const empty = (status: number): Response => new Response(null, { status });

async function readCall(request: IncomingMessage): Promise<Request> {
  const { method = "GET", url = "/" } = request;
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
  const body = Buffer.concat(await request.toArray());
  const hasBody = body.length > 0 && method !== "GET" && method !== "HEAD";
  return new Request(`http://${request.headers.host}${url}`, { method, headers, body: hasBody ? body : null });
}

/** The values of a route's parameters, where the function answers this request; constraints are not modelled. */
export function matchRoute({ name, options }: HostedFunction, call: Request): Record<string, string> | undefined {
  const methods = (options["methods"] ?? []) as string[];
  if (!methods.some((method) => method.toUpperCase() === call.method)) return undefined;
  const route = ((options["route"] as string | undefined) ?? name).replace(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  const found = new RegExp(`^/api/${route}/?$`, "i").exec(new URL(call.url).pathname);
  const params = Object.entries(found?.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]);
  return found ? (Object.fromEntries(params) as Record<string, string>) : undefined;
}

/** The request as a worker gets it. */
export async function toRpc(call: Request, params: Record<string, string>): Promise<RpcData> {
  const { method, url } = call;
  const bytes = new Uint8Array(await call.arrayBuffer());
  return { http: { method, url, headers: Object.fromEntries(call.headers), params, body: { bytes } } };
}

/** The worker's answer; cookies are not modelled. */
export function fromRpc(returned: RpcData | null | undefined): Response {
  if (!returned) return empty(204);
  const http = returned["http"] as { statusCode: string; headers: Record<string, string>; body: { bytes: Buffer } };
  const { bytes } = http.body;
  return new Response(bytes.length > 0 ? bytes : null, { status: Number(http.statusCode), headers: http.headers });
}
