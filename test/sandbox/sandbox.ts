import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { KubeObject } from "../contracts/cluster-admin.ts";
import { entryOf, unpackApp } from "../package/app-zip.ts";
import { startControlPlane } from "../real/control-plane.ts";
import type { FunctionsHost } from "../simulators/host/functions-host.ts";
import { openWorld, type World, type WorldOptions } from "../world.ts";

/** The world with the built app in it. */
export interface Sandbox {
  readonly world: World;
  readonly host: FunctionsHost;
  /** What is not a stand-in. */
  readonly real: readonly string[];
  /** The certificate that clients of the stand-ins trust, PEM. */
  readonly caFile: string;
  stop(): Promise<void>;
}

/**
 * Opens a world, with Kubernetes itself where `KUBEBUILDER_ASSETS` names its programs, and loads the app as the
 * Functions host would: from the zip that is deployed, unpacked in an empty folder.
 */
export async function openSandbox(options: WorldOptions): Promise<Sandbox> {
  const assets = process.env["KUBEBUILDER_ASSETS"];
  const startKube =
    assets && ((manifests: readonly KubeObject[], now: () => number) => startControlPlane({ assets, manifests, now }));
  const world = await openWorld({ ...options, ...(startKube && { startKube }) });
  const folder = mkdtempSync(join(tmpdir(), "aks-windows-metrics-"));
  const caFile = join(folder, "ca.pem");
  writeFileSync(caFile, world.certificate.cert);
  const app = join(folder, "app");
  unpackApp(fileURLToPath(new URL("../../", import.meta.url)), app);
  const host = await world.load(() => import(entryOf(app)));
  if (host.functions.length === 0) throw new Error("the app registered no function", { cause: host.loadError });
  return {
    world,
    host,
    real: ["azurite", ...(startKube ? ["kube-apiserver"] : [])],
    caFile,
    stop: async () => {
      await world.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
