import { once } from "node:events";
import { createServer } from "node:http";
import { type Exporter, exposition } from "./exporter-samples.ts";

/** A machine that can be scraped. */
export interface Machine {
  readonly address: string;
  /** Whether windows_exporter runs on it. */
  readonly hasExporter: boolean;
  readonly exporter?: Exporter;
}

/** The windows_exporter of every machine, behind one HTTP proxy for Prometheus's `proxy_url`. */
export interface Fleet {
  readonly proxyUrl: string;
  /** Returns whether an exporter responds at this address and port. */
  answers(address: string, port: number): boolean;
  stop(): Promise<void>;
}

const EXPORTER_PORT = 9182;

/** Starts the proxy. It calls `machines` at each scrape, so that machines can come and go; `clock` is their time. */
export async function startFleet(
  machines: () => Iterable<Machine>,
  clock: { readonly now: () => number },
): Promise<Fleet> {
  const machineAt = (address: string, port: number): Machine | undefined =>
    [...machines()].find((each) => port === EXPORTER_PORT && each.address === address && each.hasExporter);
  const server = createServer((request, response) => {
    // The request line of a proxy request has an absolute URL.
    const { hostname, port, pathname } = new URL(request.url ?? "/", "http://nowhere");
    const machine = machineAt(hostname.replace(/^\[|\]$/g, ""), Number(port));
    if (!machine) return response.writeHead(502).end();
    if (pathname !== "/metrics") return response.writeHead(404).end();
    const metrics = exposition(machine.address, clock.now() / 1000, machine.exporter);
    return response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(metrics);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    proxyUrl: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    answers: (address, port) => machineAt(address, port) !== undefined,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
