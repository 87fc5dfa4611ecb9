import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startIdentity } from "../simulators/identity.ts";
import type { World } from "../world.ts";
import { writeStandInRelease } from "./stand-in-msi.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const exec = promisify(execFile);

/** An operator who builds and publishes packages with the project's own commands. */
export interface Publisher {
  /** Where the operator's tokens come from, for other clients that publish. */
  readonly identity: { readonly endpoint: string; readonly header: string };
  /** Builds and publishes the package of an exporter's version. */
  publish(version: string): Promise<void>;
  /** Publishes again what was published before. */
  rollBack(): Promise<void>;
  stop(): Promise<void>;
}

/** The commands run as processes of their own, in real time; `folder` takes what they write. */
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
      const { msi, release } = writeStandInRelease(join(folder, "releases"), version);
      const out = join(folder, "packages", version);
      await run("build", "--release", release, "--msi", msi, "--out", out);
      await run("publish", "--container", container, "--package", out);
      await run("verify", "--container", container);
    },
    rollBack: () => run("publish", "--container", container, "--rollback"),
    stop: () => identity.stop(),
  };
}
