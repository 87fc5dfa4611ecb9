import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startIdentity } from "../simulators/identity.ts";
import type { World } from "../world.ts";
import { writeSimulatedRelease } from "./simulated-msi.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const exec = promisify(execFile);

/** An operator who builds and publishes packages with the project's own commands. */
export interface Publisher {
  /** The identity endpoint of the operator, for other clients that publish. */
  readonly identity: { readonly endpoint: string; readonly header: string };
  /** Builds and publishes a package with this version of the exporter. */
  publish(version: string): Promise<void>;
  /** Publishes the previous package again. */
  rollBack(): Promise<void>;
  stop(): Promise<void>;
}

/** Opens a publisher. Its commands run as separate processes, in real time, and write to `folder`. */
export async function openPublisher(world: World, folder: string, caFile: string): Promise<Publisher> {
  const identity = await startIdentity({ clock: world.clock, oid: world.operatorOid, clientId: "operator" });
  const container = world.packageContainer.url;
  const { AZURE_CLIENT_ID: _app, ...own } = process.env;
  const ofOperator = { IDENTITY_ENDPOINT: identity.endpoint, IDENTITY_HEADER: identity.header };
  const env = { ...own, ...ofOperator, NODE_EXTRA_CA_CERTS: caFile };
  const run = async (command: string, ...args: readonly string[]): Promise<void> => {
    await exec(process.execPath, [join(ROOT, "dsc", `${command}.ts`), ...args], { cwd: ROOT, env });
  };
  return {
    identity,
    publish: async (version) => {
      const { msi, release } = writeSimulatedRelease(join(folder, "releases"), version);
      const out = join(folder, "packages", version);
      await run("build", "--release", release, "--msi", msi, "--out", out);
      await run("publish", "--container", container, "--package", out);
      await run("verify", "--container", container);
    },
    rollBack: () => run("publish", "--container", container, "--rollback"),
    stop: () => identity.stop(),
  };
}
