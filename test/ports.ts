import { once } from "node:events";
import { createServer } from "node:net";

/** Returns the port of a setting or, with a printed line, the next free one; 0 selects any free port. */
export async function choosePort(
  name: string,
  fallback: number,
  { env, print }: { env: Readonly<Record<string, string | undefined>>; print: (line: string) => void },
): Promise<number> {
  const text = env[name] ?? "";
  const wanted = text === "" ? fallback : Number(text);
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535) {
    throw new Error(`${name}: found '${text}', expected a port from 0 to 65535`);
  }
  if (wanted === 0) return 0;
  for (let port = wanted; port <= 65_535; port++) {
    if (await isFree(port)) {
      if (port !== wanted) print(`port ${wanted} (${name}) is in use; using ${port}`);
      return port;
    }
  }
  throw new Error(`${name}: no free port from ${wanted} to 65535`);
}

/** Returns free ports. All are reserved until the last one is found, because a released port could be assigned again. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const addresses = servers.map((server) => server.address());
  for (const server of servers) server.close();
  await Promise.all(servers.map((server) => once(server, "close")));
  return addresses.map((address) => {
    if (address === null || typeof address === "string") throw new Error("the server has no port");
    return address.port;
  });
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
