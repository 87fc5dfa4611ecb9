import { once } from "node:events";
import { createServer } from "node:https";
import type { ArmSimulator } from "./arm-simulator.ts";
import type { RawRequest } from "./http.ts";

/** Opens the simulator to clients that need a socket: HTTPS on a free port of this machine. */
export async function openHttpsFront(
  arm: ArmSimulator,
  certificate: { key: string; cert: string },
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(certificate, (request, response) => {
    const answer = async (): Promise<void> => {
      const body = await request.setEncoding("utf8").reduce((all: string, part: string) => all + part, "");
      const { method = "GET", url = "/" } = request;
      const { status, headers, body: text } = await arm.handle(raw(method, url, { headers: request.headers, body }));
      response.writeHead(status, headers).end(text);
    };
    answer().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = `https://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`;
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

function raw(
  method: string,
  url: string,
  { headers, body }: { headers: Readonly<Record<string, string | string[] | undefined>>; body: string },
): RawRequest {
  const flat = Object.entries(headers).map(([key, value]) => [
    key,
    Array.isArray(value) ? value.join(", ") : (value ?? ""),
  ]);
  return { method, url, headers: Object.fromEntries(flat), body: body === "" ? undefined : body };
}
