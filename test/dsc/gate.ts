import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { type Server as SecureServer, createServer, request as send } from "node:https";
import type { AddressInfo } from "node:net";
import type { Storage } from "./package-fixture.ts";

/** A proxy for a storage account. */
export interface Gate {
  readonly url: string;
  /** Resolves when the first write of `current.json` has arrived. */
  readonly held: Promise<void>;
  release(): void;
  close(): void;
}

/** Starts a proxy that holds the first writes of `current.json` until `count` have arrived. */
export async function openGate(storage: Storage, count: number): Promise<Gate> {
  const waiting: (() => void)[] = [];
  const release = (): void => waiting.forEach((each) => each());
  const { promise: held, resolve } = Promise.withResolvers<void>();
  const server = createServer(storage.certificate, (request, response) => {
    const isHeld = request.method === "PUT" && request.url?.includes("current.json") === true && waiting.length < count;
    if (!isHeld) return pass(storage.url, request, response);
    waiting.push(() => pass(storage.url, request, response));
    resolve();
    if (waiting.length === count) release();
  });
  const origin = await listen(server);
  return {
    url: `${origin}${new URL(storage.url).pathname}`,
    held,
    release,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function pass(url: string, request: IncomingMessage, response: ServerResponse): void {
  const { method, headers } = request;
  const target = send(`${new URL(url).origin}${request.url}`, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  request.pipe(target);
}

/** Listens on a free port of this machine; returns the origin. */
export async function listen(server: Server | SecureServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const scheme = "setSecureContext" in server ? "https" : "http";
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
