import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";

/** The part of Azurite's classes that is used here; they have no type declarations. */
interface BlobServer {
  start(): Promise<void>;
  close(): Promise<void>;
  getHttpServerAddress(): string;
}

/** Azurite's blob service. It runs in this process and therefore uses its `Date`. */
export interface Azurite {
  readonly url: string;
  /** Returns the URL of an account. */
  urlOf(account: string): string;
  /** One line per request, with the signatures of links. */
  readonly accessLog: readonly string[];
  stop(): Promise<void>;
}

const require = createRequire(import.meta.url);
const load = (name: string): unknown => (require(`azurite/dist/src/blob/${name}.js`) as { default: unknown }).default;

/** Starts Azurite in memory. It checks tokens and links, but no roles: every valid token has all permissions. */
export async function startAzurite(
  certificate: { key: string; cert: string },
  accounts: readonly string[],
): Promise<Azurite> {
  // Azurite reads this variable at its start and while it runs. No client uses the keys, only tokens and links.
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
  // Arguments after the logs: loose, skip the api-version check, certificate, key, password, OAuth, URL style, in memory.
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
