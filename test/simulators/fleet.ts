import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

/** A machine that can be scraped. */
export interface Machine {
  readonly address: string;
  /** Whether windows_exporter runs on it. */
  readonly hasExporter: boolean;
}

/** The windows_exporter of every machine, behind one HTTP proxy for Prometheus's `proxy_url`. */
export interface Fleet {
  readonly proxyUrl: string;
  /** Returns whether an exporter responds at this address and port. */
  answers(address: string, port: number): boolean;
  stop(): Promise<void>;
}

const EXPORTER_PORT = 9182;

/** Starts the proxy. It calls `machines` at each scrape, so that machines can come and go. */
export async function startFleet(machines: () => Iterable<Machine>): Promise<Fleet> {
  const metrics = exposition();
  const answers = (address: string, port: number): boolean =>
    port === EXPORTER_PORT && [...machines()].some((each) => each.address === address && each.hasExporter);
  const server = createServer((request, response) => {
    // The request line of a proxy request has an absolute URL.
    const { hostname, port, pathname } = new URL(request.url ?? "/", "http://nowhere");
    if (!answers(hostname.replace(/^\[|\]$/g, ""), Number(port))) return response.writeHead(502).end();
    if (pathname !== "/metrics") return response.writeHead(404).end();
    return response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(metrics);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    proxyUrl: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    answers,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Returns a sample of each metric of windows_exporter 0.31.8, with its labels. */
function exposition(): string {
  const file = new URL("../fixtures/windows-exporter-0.31.8-metrics.tsv", import.meta.url);
  const [, ...rows] = readFileSync(file, "utf8").trim().split("\n");
  const lines = rows.map((row) => {
    const [metric = "", , type = "", labels = ""] = row.split("\t");
    const pairs = labels
      .split(",")
      .filter((each) => each.trim() !== "")
      .map((label) => `${label.trim()}="x"`);
    return `# TYPE ${metric} ${type || "untyped"}\n${metric}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} 1\n`;
  });
  return lines.join("");
}
