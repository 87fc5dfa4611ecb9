import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { KubeObject } from "../contracts/cluster-admin.ts";
import { entryOf, unpackApp } from "../package/app-zip.ts";
import { startControlPlane } from "../real/control-plane.ts";
import { openWorld, type World, type WorldOptions } from "../world.ts";
import { App } from "./app.ts";
import { Feed } from "./feed.ts";
import { Pace } from "./pace.ts";
import { openPublisher, type Publisher } from "./publisher.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** The version of the exporter in the first published package. */
const FIRST_VERSION = "0.31.7";
const DEFAULT_SPEED = 60;

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

/** A world with the built app, what happened in it, and what can be changed about it. */
export interface Sandbox extends Omit<PublishedWorld, "folder"> {
  readonly app: App;
  readonly feed: Feed;
  readonly pace: Pace;
  /** What holds until it is taken back, as texts. */
  readonly conditions: Map<string, string>;
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

/** What runs in a sandbox. */
interface SandboxOptions extends WorldOptions {
  /** The folder of the app, instead of the deployed zip. */
  readonly appFolder?: string | undefined;
  /** Whether the app runs in another process, which is told later. */
  readonly noApp?: boolean;
  /** The speed of idle time, as a multiple of real time. */
  readonly speed?: number;
}

/**
 * Opens a world, publishes a package in it, and loads the app into the Functions host. With `KUBEBUILDER_ASSETS` set,
 * Kubernetes is not simulated.
 */
export async function openSandbox({ appFolder, noApp = false, speed, ...options }: SandboxOptions): Promise<Sandbox> {
  const assets = process.env["KUBEBUILDER_ASSETS"];
  const startKube =
    assets && ((manifests: readonly KubeObject[], now: () => number) => startControlPlane({ assets, manifests, now }));
  const { folder, ...published } = await openPublishedWorld({ ...options, ...(startKube && { startKube }) });
  const real = ["azurite", ...(startKube ? ["kube-apiserver"] : [])];
  if (noApp) return { ...published, ...partsOf(published, new App(published.world), speed), real };
  const host = await published.world.load(importerOf(folder, appFolder));
  if (host.functions.length === 0) {
    await published.stop();
    throw new Error(`the app registered no function: ${String(host.loadError)}`, { cause: host.loadError });
  }
  return {
    ...published,
    ...partsOf(published, new App(published.world, host, importerOf(folder, appFolder)), speed),
    real,
  };
}

/** Returns the parts of a sandbox besides its world and its publisher. */
export function partsOf({ world }: Pick<PublishedWorld, "world">, app: App, speed: number = DEFAULT_SPEED) {
  return {
    app,
    feed: new Feed(world.clock),
    pace: new Pace(world.clock, app.host, speed),
    conditions: new Map<string, string>(),
  };
}

/** Returns a function that imports the app: from a folder the first time, later from a new copy of it or of the zip. */
function importerOf(folder: string, appFolder: string | undefined): () => Promise<unknown> {
  return async () => {
    const copy = mkdtempSync(join(folder, "app-"));
    if (appFolder === undefined) unpackApp(ROOT, copy);
    else copyApp(appFolder, copy);
    return import(entryOf(copy));
  };
}

function copyApp(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const path of ["package.json", "dist"]) cpSync(join(from, path), join(to, path), { recursive: true });
}
