import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { ArmSimulator } from "./arm-simulator.ts";

/** Serves the simulator over HTTPS on a free port of this machine, for clients that need a socket. */
export async function openHttpsFront(
  arm: ArmSimulator,
  certificate: { key: string; cert: string },
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(certificate, (request, response) => {
    const answer = async (): Promise<void> => {
      const body = await request.setEncoding("utf8").reduce((all: string, part: string) => all + part, "");
      const { method = "GET", url = "/", headers } = request;
      const flat = Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, String(value)]));
      const reply = await arm.handle({ method, url, headers: flat, body: body === "" ? undefined : body });
      response.writeHead(reply.status, reply.headers).end(reply.body);
    };
    answer().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  arm.setOrigin(url);
  return {
    url,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
