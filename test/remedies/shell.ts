import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { World } from "../world.ts";
import { type Ended, runAz } from "./az.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FORWARDER = fileURLToPath(new URL("forward-az.ts", import.meta.url));

/** The terminal of an operator: bash in a clone of the project, signed in to a world's Azure with the Azure CLI. */
export interface Shell {
  /** Runs a command as it is printed, and waits for its end; the clock advances while `az` waits. */
  run(command: string): Promise<Ended>;
  /** The app settings that were set with `az functionapp config appsettings set`, by name. */
  readonly appSettings: Readonly<Record<string, string>>;
  /** The home directory, with the kubeconfig `.kube/config`. */
  readonly home: string;
  stop(): Promise<void>;
}

/** Opens a shell, whose `az` is the simulator; all other programs are those of this machine. */
export async function openShell(world: World): Promise<Shell> {
  const home = mkdtempSync(join(tmpdir(), "operator-"));
  const bin = join(home, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "az"), `#!/bin/sh\nexec '${process.execPath}' '${FORWARDER}' "$@"\n`);
  chmodSync(join(bin, "az"), 0o755);
  writeFileSync(join(home, "ca.pem"), world.certificate.cert);
  const appSettings: Record<string, string> = {};
  const errors: unknown[] = [];
  const server = await serve(async ({ args, folder }) => {
    try {
      return await runAz(args, { world, folder, home, appSettings });
    } catch (error) {
      errors.push(error);
      throw error;
    }
  });
  const env = { ...environment(home, bin), SIMULATED_AZ: server.url };
  return {
    appSettings,
    home,
    run: async (command) => {
      const ended = await runBash(command, env);
      // An error of the simulator itself must not look like a refusal of Azure.
      if (errors.length > 0) throw errors.shift();
      return ended;
    },
    stop: async () => {
      await server.close();
      rmSync(home, { recursive: true });
    },
  };
}

function environment(home: string, bin: string): Readonly<Record<string, string>> {
  const kubernetes = process.env["KUBEBUILDER_ASSETS"];
  const folders = [bin, kubernetes, dirname(process.execPath), process.env["PATH"]];
  return {
    PATH: folders.filter((each) => each !== undefined && each !== "").join(delimiter),
    HOME: home,
    TMPDIR: home,
    LC_ALL: "C",
    // curl and Node.js trust the certificate of the world.
    CURL_CA_BUNDLE: join(home, "ca.pem"),
    NODE_EXTRA_CA_CERTS: join(home, "ca.pem"),
    NODE_COMPILE_CACHE: join(ROOT, ".cache", "compiled"),
  };
}

async function serve(answer: (sent: { args: readonly string[]; folder: string }) => Promise<Ended>) {
  const server = createServer((request, response) => {
    const reply = async (): Promise<void> => {
      const sent = JSON.parse(await text(request)) as { args: readonly string[]; folder: string };
      response.end(JSON.stringify(await answer(sent)));
    };
    reply().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function runBash(command: string, env: Readonly<Record<string, string>>): Promise<Ended> {
  const child = spawn("bash", ["-c", command], { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { exitCode: exitCode ?? -1, stdout, stderr };
}
