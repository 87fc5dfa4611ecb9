import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";

/** An HTTP proxy that tunnels, as companies have one in front of the internet. */
export interface ConnectProxy {
  readonly url: string;
  /** The targets of the tunnels that clients have asked for, as `host:port`, with the credentials they sent. */
  readonly asked: { readonly target: string; readonly authorization: string | undefined }[];
  /** Whether it answers every request with 403. */
  refuses: boolean;
  close(): void;
}

/** Starts a proxy on a free port. */
export async function startConnectProxy(): Promise<ConnectProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((_, response) => response.writeHead(405).end());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const proxy: ConnectProxy = {
    url: `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`,
    asked: [],
    refuses: false,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
  server.on("connection", (socket) => void sockets.add(socket));
  server.on("connect", ({ url = "", headers }: IncomingMessage, client: Socket) => {
    proxy.asked.push({ target: url, authorization: headers["proxy-authorization"] });
    if (proxy.refuses) {
      client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    const [host = "", port] = url.split(":");
    const target = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      target.pipe(client).pipe(target);
    });
    sockets.add(target);
    target.on("error", () => client.destroy());
    client.on("error", () => target.destroy());
  });
  return proxy;
}
