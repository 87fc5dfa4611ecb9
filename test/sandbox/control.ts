import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { parseBody, Refusal } from "./input.ts";
import { ROUTES } from "./routes.ts";
import type { Sandbox } from "./sandbox.ts";

const MOST_BYTES = 64 * 1024;

/** Serves the control API on this machine only; returns its URL and a function that stops it. */
export async function startControl(
  sandbox: Sandbox,
  port: number,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
    };
    answer(sandbox, request).then(
      (body) => send(200, body ?? { done: true }),
      (error: unknown) => {
        const { status, message } = asRefusal(error);
        send(status, { error: message });
      },
    );
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function answer(sandbox: Sandbox, request: IncomingMessage): Promise<unknown> {
  const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://127.0.0.1");
  refuseForeign(request);
  const asked = `${request.method} ${pathname}`;
  for (const [route, respond] of Object.entries(ROUTES)) {
    const found = new RegExp(`^${route.replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`).exec(asked);
    if (!found) continue;
    const names = Object.entries(found.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]);
    return respond(sandbox, { names: Object.fromEntries(names), body: parseBody(await textOf(request)), query });
  }
  throw new Refusal(404, `found '${asked}', expected one of ${Object.keys(ROUTES).join(", ")}`);
}

/** Refuses what a page of another site sends, which a browser lets through to this machine. */
function refuseForeign({ headers: { origin, host } }: IncomingMessage): void {
  if (origin !== undefined && origin !== `http://${host}`) throw new Refusal(403, `found the origin ${origin}`);
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request.setEncoding("utf8") as AsyncIterable<string>) {
    text += part;
    if (text.length > MOST_BYTES) throw new Refusal(413, `expected at most ${MOST_BYTES} bytes`);
  }
  return text;
}

/** Returns status and message of an error. Invalid calls and errors of Azure have a status; all others are 500. */
function asRefusal(error: unknown): { status: number; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : 500;
  return { status: typeof status === "number" ? status : 500, message };
}
