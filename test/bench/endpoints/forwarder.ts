import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A TCP forwarder in front of an API server, which counts the bytes that its clients receive. */
export interface Forwarder {
  readonly port: number;
  readonly bytes: () => number;
  readonly close: () => void;
}

export async function startForwarder(targetPort: number): Promise<Forwarder> {
  let bytes = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const target = connect(targetPort, "127.0.0.1");
    target.on("data", (chunk) => void (bytes += chunk.length));
    target.pipe(client).pipe(target);
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: address !== null && typeof address === "object" ? address.port : 0,
    bytes: () => bytes,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
