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

/** The version of the exporter in the first published package. */
const FIRST_VERSION = "0.31.7";

/** A world with a package that an operator has published with the project's own commands. */
export interface PublishedWorld {
  readonly world: World;
  readonly publisher: Publisher;
  /** The file with the certificate that clients of the simulators trust, PEM. */
  readonly caFile: string;
  /** A folder for other files; `stop` removes it. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** A world with the built app. */
export interface Sandbox extends Omit<PublishedWorld, "folder"> {
  readonly host: FunctionsHost;
  /** The parts that are not simulated. */
  readonly real: readonly string[];
}

/** Opens a world and publishes a package in it. */
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
 * Opens a world, publishes a package in it, and loads the app into the Functions host: from a folder, or from the
 * deployed zip, which it unpacks in an empty folder. With `KUBEBUILDER_ASSETS` set, Kubernetes is not simulated.
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
