import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startIdentity } from "../simulators/identity.ts";
import type { World } from "../world.ts";
import { writeSimulatedRelease } from "./simulated-msi.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** No package that the sandbox publishes has this version. */
const SOURCES_VERSION = "0.32.0";
const exec = promisify(execFile);

/** An operator who builds and publishes packages with the project's own commands. */
export interface Publisher {
  /** The identity endpoint of the operator, for other clients that publish. */
  readonly identity: { readonly endpoint: string; readonly header: string };
  /** The versions of the exporter in the published packages, by the hash of the package. */
  readonly versions: ReadonlyMap<string, string>;
  /** Builds and publishes a package with this version of the exporter. The MSI of a broken one fails on every node. */
  publish(version: string, isBroken?: boolean): Promise<void>;
  /** Publishes a package with the next version. */
  publishNext(isBroken: boolean): Promise<void>;
  /** Publishes the previous package again. */
  rollBack(): Promise<void>;
  /** Returns the paths of a release file and of its MSI, for those who build a package themselves. */
  writeSources(): { readonly release: string; readonly msi: string };
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
    const program = exec(process.execPath, [join(ROOT, "dsc", `${command}.ts`), ...args], { cwd: ROOT, env });
    const kill = (): boolean => program.child.kill("SIGKILL");
    process.once("exit", kill);
    await program.finally(() => process.off("exit", kill));
  };
  const versions = new Map<string, string>();
  const broken = breakPackages(world);
  const publish = async (version: string, isBroken = false): Promise<void> => {
    const { msi, release } = writeSimulatedRelease(join(folder, "releases"), version);
    const out = join(folder, "packages", version);
    await run("build", "--release", release, "--msi", msi, "--out", out);
    const [hash = ""] = readdirSync(out).flatMap((name) => (name.endsWith(".zip") ? [name.slice(0, -4)] : []));
    versions.set(hash, version);
    // Known before nodes can get it.
    if (isBroken) broken.add(hash);
    await run("publish", "--container", container, "--package", out);
    await run("verify", "--container", container);
  };
  return {
    identity,
    versions,
    publish,
    publishNext: (isBroken) => publish(nextOf([...versions.values()]), isBroken),
    rollBack: () => run("publish", "--container", container, "--rollback"),
    writeSources: () => writeSimulatedRelease(join(folder, "releases"), SOURCES_VERSION),
    stop: () => identity.stop(),
  };
}

/** Returns a set of packages, by hash, whose MSI fails on every node. */
function breakPackages({ dsc }: World): Set<string> {
  const broken = new Set<string>();
  const { run } = dsc;
  dsc.run = (input) => {
    const settings = JSON.stringify(input.settings);
    const fails = [...broken].some((hash) => settings.includes(hash));
    return run(fails ? { ...input, failure: "package" } : input);
  };
  return broken;
}

/** Returns the version after the latest one, which differs in its last number. */
function nextOf(versions: readonly string[]): string {
  const patches = versions.map((version) => Number(version.split(".").at(-1)));
  return `0.31.${Math.max(0, ...patches) + 1}`;
}
