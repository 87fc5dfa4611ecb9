import { type ChildProcess, execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { TokenCredential } from "@azure/identity";
import { ContainerClient } from "@azure/storage-blob";
import { type BuiltPackage, buildPackage } from "../../dsc/build-package.ts";
import { sha256Of } from "../../dsc/package.ts";
import type { Release } from "../../dsc/release.ts";
import { type Certificate, makeCertificate, trust } from "../certificates.ts";
import { Clock } from "../clock.ts";
import { startAzurite } from "../simulators/azurite.ts";
import { mintToken, startIdentity } from "../simulators/identity.ts";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A storage account for packages, for this process and for commands that it starts. */
export interface Storage {
  readonly url: string;
  readonly certificate: Certificate;
  /** Opens a container of the account, and creates it if it does not exist. */
  open(name: string): Promise<ContainerClient>;
  credential: TokenCredential;
  /** The environment of an identity that can write there. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a command of dsc/ as that identity. */
  run(command: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CommandResult>;
  stop(): Promise<void>;
}

/** The output of a command, and its exit code. */
export interface CommandResult {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

const ACCOUNT = "packages";

/** Starts Azurite and an identity endpoint. */
export async function openStorage(): Promise<Storage> {
  const certificate = await makeCertificate();
  trust(certificate);
  const clock = new Clock();
  const ids = { oid: "00000000-0000-4000-8000-0000000000c1", clientId: "00000000-0000-4000-8000-0000000000c2" };
  const [azurite, identity] = await Promise.all([
    startAzurite(certificate, [ACCOUNT]),
    startIdentity({ clock, ...ids }),
  ]);
  const url = azurite.urlOf(ACCOUNT);
  const folder = makeFolder();
  const authority = join(folder, "authority.pem");
  writeFileSync(authority, certificate.cert);
  const token = mintToken({ oid: ids.oid, audience: "https://storage.azure.com", now: clock.now() });
  const credential = { getToken: async () => ({ token, expiresOnTimestamp: clock.now() + 3_600_000 }) };
  const env = {
    NODE_EXTRA_CA_CERTS: authority,
    IDENTITY_ENDPOINT: identity.endpoint,
    IDENTITY_HEADER: identity.header,
    AZURE_CLIENT_ID: ids.clientId,
  };
  return {
    url,
    certificate,
    credential,
    env,
    open: async (name) => {
      const container = new ContainerClient(`${url}/${name}`, credential);
      await container.createIfNotExists();
      return container;
    },
    run: (command, args, more) => runDsc(command, args, { ...env, ...more }),
    stop: async () => {
      await Promise.all([azurite.stop(), identity.stop()]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Runs a command of `dsc/` with this process' Node. `started` receives its process. */
export async function runDsc(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  started: (child: ChildProcess) => void = () => {},
): Promise<CommandResult> {
  const options = { cwd: ROOT, env: { ...process.env, ...env } };
  const running = promisify(execFile)(process.execPath, [join(ROOT, "dsc", `${command}.ts`), ...args], options);
  started(running.child);
  try {
    const { stdout, stderr } = await running;
    return { code: 0, out: stdout, error: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, error: stderr };
  }
}

/** Creates a temporary folder, which the caller removes. */
export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), "dsc-"));
}

/** Returns a release with an MSI of a few bytes. */
export function makeRelease(msi: Buffer, version = "0.31.8"): Release {
  return {
    exporter: { version, url: "https://simulated.invalid/x.msi", sha256: sha256Of(msi) },
    collectors: ["[defaults]", "textfile"],
    arguments: { Port: 9182 },
    deployable: false,
  };
}

/** Builds the project's own configuration and module with an MSI of a few bytes. */
export function buildSmall(content: string, changes: Partial<Release> = {}): Promise<BuiltPackage> {
  const msi = Buffer.from(content);
  return buildPackage({ ...makeRelease(msi), ...changes }, msi, join(ROOT, "dsc"));
}
