import { once } from "node:events";
import { createServer as createHttpsServer, type Server } from "node:https";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Certificate } from "../../certificates.ts";

/**
 * What a front does with a connection: it passes it on, accepts it without a TLS handshake, completes the handshake
 * without an HTTP response, or closes it.
 */
type FrontMode = "open" | "no-tls" | "no-http" | "closed";

/** The front of an API server, as the load balancer that AKS puts before it. */
export interface Front {
  readonly url: string;
  /** Changes the mode, and closes every connection of the mode before. */
  set(mode: FrontMode): void;
  close(): Promise<void>;
}

/** Opens the front of the API server at a URL on this machine. */
export async function openFront(apiServer: string, certificate: Certificate): Promise<Front> {
  let mode: FrontMode = "open";
  const sockets = new Set<Socket>();
  const silent = createHttpsServer(certificate, () => undefined);
  const front = createServer((socket) => {
    keep(sockets, socket);
    if (mode === "closed") socket.destroy();
    if (mode === "open") pipe(socket, keep(sockets, connect(Number(new URL(apiServer).port), "127.0.0.1")));
    if (mode === "no-http") silent.emit("connection", socket);
  });
  const url = await listen(front);
  const closeAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url,
    set: (next) => {
      mode = next;
      closeAll();
    },
    close: async () => {
      closeAll();
      front.close();
      await once(front, "close");
    },
  };
}

async function listen(server: ReturnType<typeof createServer> | Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function keep(sockets: Set<Socket>, socket: Socket): Socket {
  sockets.add(socket);
  // A connection that ends in an error is closed; that is all that matters here.
  socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  return socket;
}

function pipe(a: Socket, b: Socket): void {
  a.pipe(b).pipe(a);
  a.on("close", () => b.destroy());
  b.on("close", () => a.destroy());
}
