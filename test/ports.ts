import { once } from "node:events";
import { createServer } from "node:net";

/** The port that a setting names, or the next free one, which is said; 0 takes any free one. */
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
      if (port !== wanted) print(`port ${wanted} (${name}) is taken, using ${port}`);
      return port;
    }
  }
  throw new Error(`${name}: no port from ${wanted} on is free`);
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
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
