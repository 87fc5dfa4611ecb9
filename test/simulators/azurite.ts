import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";

/** What is used of Azurite's own classes, which come without types. */
interface BlobServer {
  start(): Promise<void>;
  close(): Promise<void>;
  getHttpServerAddress(): string;
}

/** Azurite's blob service, running in this process and so by its `Date`. */
export interface Azurite {
  readonly url: string;
  /** Where an account's containers are. */
  urlOf(account: string): string;
  /** One line a request, links with their signatures. */
  readonly accessLog: readonly string[];
  stop(): Promise<void>;
}

const require = createRequire(import.meta.url);
const load = (name: string): unknown => (require(`azurite/dist/src/blob/${name}.js`) as { default: unknown }).default;

/** Starts it, in memory, with tokens and links checked but no roles: who has a token may do everything. */
export async function startAzurite(
  certificate: { key: string; cert: string },
  accounts: readonly string[],
): Promise<Azurite> {
  // Read as the service starts, and again while it runs. The keys open nothing: only tokens and links do here.
  process.env["AZURITE_ACCOUNTS"] = accounts.map((name) => `${name}:${randomBytes(32).toString("base64")}`).join(";");
  const folder = await mkdtemp(join(tmpdir(), "azurite-"));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  await Promise.all([writeFile(cert, certificate.cert), writeFile(key, certificate.key)]);
  const accessLog: string[] = [];
  const log = new Writable({
    write: (chunk, _encoding, done) => {
      accessLog.push(String(chunk).trimEnd());
      done();
    },
  });
  const Configuration = load("BlobConfiguration") as new (...args: unknown[]) => object;
  const Server = load("BlobServer") as new (configuration: object) => BlobServer;
  const persistence = [undefined, undefined, []];
  const logs = [true, log, false, undefined];
  // After the logs: loose, skip the check of the api-version, certificate, password, OAuth, product style, in memory.
  const rest = [false, true, cert, key, "", "basic", false, true];
  const server = new Server(new Configuration("127.0.0.1", 0, 5, ...persistence, ...logs, ...rest));
  await server.start();
  const url = server.getHttpServerAddress();
  const stop = async (): Promise<void> => {
    await server.close();
    await rm(folder, { recursive: true });
  };
  return { url, urlOf: (account) => `${url}/${account}`, accessLog, stop };
}
