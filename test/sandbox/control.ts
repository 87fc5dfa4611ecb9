import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { parseBody, Refusal } from "./input.ts";
import { servePage } from "./page/serve.ts";
import { ROUTES } from "./routes.ts";
import type { Sandbox } from "./sandbox.ts";

const MOST_BYTES = 64 * 1024;

/** The server of the page and the control API. */
export interface Control {
  readonly url: string;
  /** Has the server answer for a sandbox, once that is open. */
  show(sandbox: Sandbox): void;
  stop(): Promise<void>;
}

/** Serves the page and the control API on this machine only. */
export async function startControl(port: number): Promise<Control> {
  let sandbox: Sandbox | undefined;
  const { promise: opened, resolve: show } = Promise.withResolvers<Sandbox>();
  const server = createServer((request, response) => {
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
    };
    const handle = async (): Promise<void> => {
      if (await servePage({ sandbox, opened }, request, response)) return;
      if (!sandbox) throw new Refusal(503, "the sandbox is starting");
      send(200, (await answer(sandbox, request)) ?? { done: true });
    };
    handle().catch((error: unknown) => {
      const { status, message } = asRefusal(error);
      // The console of a browser would list each refusal as a fault of the page.
      send(request.headers["sec-fetch-site"] === "same-origin" ? 200 : status, { error: message });
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : port}`,
    show: (it) => {
      sandbox = it;
      show(it);
    },
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
