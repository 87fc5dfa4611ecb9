import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubeObject } from "../contracts/cluster-admin.ts";
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

/** Opens a world, with Kubernetes itself where `KUBEBUILDER_ASSETS` names its programs, and loads `dist/`, as the Functions host would: by the entry that `package.json` names. */
export async function openSandbox(options: WorldOptions): Promise<Sandbox> {
  const assets = process.env["KUBEBUILDER_ASSETS"];
  const startKube =
    assets && ((manifests: readonly KubeObject[], now: () => number) => startControlPlane({ assets, manifests, now }));
  const world = await openWorld({ ...options, ...(startKube && { startKube }) });
  const folder = mkdtempSync(join(tmpdir(), "aks-windows-metrics-"));
  const caFile = join(folder, "ca.pem");
  writeFileSync(caFile, world.certificate.cert);
  const entry = new URL("../../dist/main.js", import.meta.url);
  const host = await world.load(() => import(entry.href));
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
