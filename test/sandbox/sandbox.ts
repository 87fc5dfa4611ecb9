import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { KubeObject } from "../contracts/cluster-admin.ts";
import { entryOf, unpackApp } from "../package/app-zip.ts";
import { startControlPlane } from "../real/control-plane.ts";
import type { FunctionsHost } from "../simulators/host/functions-host.ts";
import { openWorld, type World, type WorldOptions } from "../world.ts";
import { openPublisher, type Publisher } from "./publisher.ts";

/** The exporter's version that is published to begin with. */
const FIRST_VERSION = "0.31.7";

/** A world in which an operator has published a package with the project's own commands. */
export interface PublishedWorld {
  readonly world: World;
  readonly publisher: Publisher;
  /** The certificate that clients of the stand-ins trust, PEM. */
  readonly caFile: string;
  /** For whatever else is written to disk; removed at the end. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** The world with the built app in it. */
export interface Sandbox extends Omit<PublishedWorld, "folder"> {
  readonly host: FunctionsHost;
  /** What is not a stand-in. */
  readonly real: readonly string[];
}

/** Opens a world and publishes a package into it. */
export async function openPublishedWorld(options: WorldOptions = {}): Promise<PublishedWorld> {
  const world = await openWorld({ ...options, isUnpublished: true });
  const folder = mkdtempSync(join(tmpdir(), "aks-windows-metrics-"));
  const caFile = join(folder, "ca.pem");
  writeFileSync(caFile, world.certificate.cert);
  const publisher = await openPublisher(world, folder, caFile);
  await publisher.publish(FIRST_VERSION);
  const stop = async (): Promise<void> => {
    await publisher.stop();
    await world.stop();
    rmSync(folder, { recursive: true });
  };
  return { world, publisher, caFile, folder, stop };
}

/**
 * Opens a world, with Kubernetes itself where `KUBEBUILDER_ASSETS` names its programs, publishes a package into it, and
 * loads the app as the Functions host would: from a folder, by default an empty one into which it unpacks the zip that is
 * deployed.
 */
export async function openSandbox(options: WorldOptions, appFolder?: string): Promise<Sandbox> {
  const assets = process.env["KUBEBUILDER_ASSETS"];
  const startKube =
    assets && ((manifests: readonly KubeObject[], now: () => number) => startControlPlane({ assets, manifests, now }));
  const { folder, ...published } = await openPublishedWorld({ ...options, ...(startKube && { startKube }) });
  const app = appFolder ?? join(folder, "app");
  if (appFolder === undefined) unpackApp(fileURLToPath(new URL("../../", import.meta.url)), app);
  const host = await published.world.load(() => import(entryOf(app)));
  if (host.functions.length === 0) {
    await published.stop();
    throw new Error(`the app in ${app} registered no function: ${String(host.loadError)}`, { cause: host.loadError });
  }
  return { ...published, host, real: ["azurite", ...(startKube ? ["kube-apiserver"] : [])] };
}
