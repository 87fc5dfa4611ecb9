import type { ContainerClient } from "@azure/storage-blob";
import { makeCertificate, trust, type Certificate } from "./certificates.ts";
import { Clock } from "./clock.ts";
import type { ClusterAdmin } from "./contracts/cluster-admin.ts";
import { grantsOf, identityOf, settingsOf, storageOf, subscriptionsOf } from "./deployed/deployment.ts";
import { runtimeValues } from "./deployed/runtime-values.ts";
import { readSnapshot } from "./deployed/snapshot.ts";
import { openArm } from "./open-arm.ts";
import { openKube, type StartKube } from "./open-kube.ts";
import { type FixturePackage, makePackage, openBlobs, publish, storageToken } from "./packages.ts";
import type { ClusterSpec } from "./simulators/arm/aks-cluster.ts";
import type { ArmOptions, ArmSimulator, Principal } from "./simulators/arm/arm-simulator.ts";
import type { ExtensionHandler } from "./simulators/arm/extensions.ts";
import type { ArmWorld, Cluster } from "./simulators/arm/world.ts";
import { type Azurite, startAzurite } from "./simulators/azurite.ts";
import { createDscHandler } from "./simulators/dsc-extension.ts";
import { EventGrid, type Subscription } from "./simulators/event-grid.ts";
import { type Fleet, type Machine, startFleet } from "./simulators/fleet.ts";
import { type FunctionsHost, startHost } from "./simulators/host/functions-host.ts";
import { type Identity, mintToken, startIdentity } from "./simulators/identity.ts";
import type { KubeSimulator } from "./simulators/kubernetes/kube-simulator.ts";
import { subscribe } from "./subscriptions.ts";

const MINUTE_MS = 60_000;
const APP = { oid: "00000000-0000-4000-8000-0000000000a1", clientId: "00000000-0000-4000-8000-0000000000a2" };
const OPERATOR = "00000000-0000-4000-8000-0000000000b1";

/** What a world is made of; everything has a default. */
export interface WorldOptions {
  readonly cluster?: ClusterSpec;
  readonly settings?: Readonly<Record<string, string>>;
  readonly arm?: Partial<Omit<ArmOptions, "clock" | "principals" | "onEvent">>;
  /** How long our extension takes on an instance. */
  readonly extensionMs?: number;
  readonly eventSchema?: Subscription["schema"];
  readonly hostPort?: number;
  /** Starts a real control plane with these manifests applied; left out, the stand-in. */
  readonly startKube?: StartKube;
  /** What is published to begin with; left out, whatever it is. */
  readonly package?: FixturePackage;
  /** Nothing is published yet. */
  readonly isUnpublished?: true;
  /** Whoever knows a package's address may read it; left out, nobody may. */
  readonly packageAccess?: "blob";
  /** Changes the app's assignments. */
  readonly assignments?: (granted: Principal["assignments"]) => Principal["assignments"];
}

/** Azure with one AKS cluster, the storage, the identity and, once it is loaded, the app. */
export interface World {
  readonly clock: Clock;
  readonly certificate: Certificate;
  readonly arm: ArmSimulator;
  readonly armUrl: string;
  readonly cluster: Cluster;
  readonly azurite: Azurite;
  /** Where the containers of the host's storage account are, and with them the app's own. */
  readonly hostAccountUrl: string;
  readonly identity: Identity;
  /** The cluster's Kubernetes, as its administrator sees it. */
  readonly kube: ClusterAdmin;
  /** The same, where it is the stand-in. */
  readonly simulator: KubeSimulator | undefined;
  readonly fleet: Fleet;
  readonly dsc: ExtensionHandler;
  readonly packageContainer: ContainerClient;
  readonly package: FixturePackage;
  readonly events: { readonly arm: EventGrid; readonly aks: EventGrid };
  readonly settings: Readonly<Record<string, string>>;
  /** Whoever operates the subscription. */
  readonly operatorOid: string;
  /** A token for whoever operates the subscription. */
  operatorToken(audience?: string): string;
  /** Loads the app into a host and has Event Grid deliver to it. */
  load(app: () => Promise<unknown>): Promise<FunctionsHost>;
  stop(): Promise<void>;
}

/** What the template deploys: the app's settings, the rights of its identity, and the events that it gets. */
const DEPLOYED = readSnapshot("sandbox");

/** One process, one clock: a world goes on where the last one stopped, for tokens are kept by the process. */
const clock = new Clock();
const certificate = await makeCertificate();
trust(certificate);
clock.shiftDate();
/** The identity library keeps the endpoint that it found first for the life of the process. */
let identityOfProcess: Promise<Identity> | undefined;

/** The cluster that is deployed for, with two Windows pools and one Linux pool. */
export const SHOP: ClusterSpec = {
  subscription: "00000000-0000-4000-8000-000000000001",
  resourceGroup: "shop-rg",
  name: "shop",
  location: "westeurope",
  pools: [
    { name: "system", os: "Linux", count: 2, image: "2204.2000" },
    { name: "win1", os: "Windows", count: 3, image: "20348.3000" },
    { name: "win2", os: "Windows", count: 2, image: "20348.3000" },
  ],
};

/** Starts everything around the app, and sets the settings with which it is loaded into this process. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  clock.start();
  const storage = storageOf(DEPLOYED);
  const [azurite, identity] = await Promise.all([
    startAzurite(certificate, [storage.host.name, storage.packages.name]),
    (identityOfProcess ??= startIdentity({ clock, oid: APP.oid, clientId: APP.clientId })),
  ]);
  const dsc = createDscHandler({ durationMs: options.extensionMs ?? 2 * MINUTE_MS });
  const events = { arm: new EventGrid({ clock }), aks: new EventGrid({ clock }) };
  const values = runtimeValues({ ...APP, blobsOf: (account) => azurite.urlOf(account) });
  const granted = grantsOf(DEPLOYED, values).filter(({ principalId }) => principalId === APP.oid);
  const principals = [
    { oid: APP.oid, name: "app", assignments: options.assignments?.(granted) ?? granted },
    { oid: OPERATOR, name: "operator", assignments: [{ scope: "/", actions: ["*"] }] },
  ];
  const { arm, front, cluster } = await openArm(
    { ...options.arm, clock, principals },
    { certificate, cluster: options.cluster ?? SHOP, dsc, events },
  );
  const { kube, simulator } = await openKube({ clock, certificate, oid: APP.oid }, arm, {
    cluster,
    startKube: options.startKube,
  });
  const fleet = await startFleet(() => machinesOf(arm.world));

  const operatorToken = (audience = "https://management.azure.com"): string =>
    mintToken({ oid: OPERATOR, audience, now: clock.now(), lifetimeMs: 365 * 24 * 60 * MINUTE_MS });
  const packageContainer = openBlobs(
    `${azurite.urlOf(storage.packages.name)}/packages`,
    storageToken({ clock, operatorToken }),
  );
  const published = options.package ?? makePackage("0.31.8");
  if (options.isUnpublished) await packageContainer.createIfNotExists();
  else await publish(packageContainer, published, options.packageAccess);

  const settings = {
    ...settingsOf(DEPLOYED, values),
    WEBSITE_SITE_NAME: identityOf(DEPLOYED).siteName,
    IDENTITY_ENDPOINT: identity.endpoint,
    IDENTITY_HEADER: identity.header,
    ARM_ENDPOINT: front.url,
    ...options.settings,
  };
  Object.assign(process.env, settings);

  let host: FunctionsHost | undefined;
  return {
    clock,
    certificate,
    arm,
    armUrl: front.url,
    cluster,
    azurite,
    hostAccountUrl: azurite.urlOf(storage.host.name),
    identity,
    kube,
    simulator,
    fleet,
    dsc,
    packageContainer,
    package: published,
    events,
    settings,
    operatorOid: OPERATOR,
    operatorToken,
    load: async (load) => {
      host = await startHost(load, { clock, port: options.hostPort ?? 0 });
      clock.addGate(() => host?.idle() ?? Promise.resolve());
      if (host.functions.some((each) => each.name === "scaleSetEvent")) {
        const schema = options.eventSchema ?? "EventGridSchema";
        await subscribe(subscriptionsOf(DEPLOYED), events, { host, schema });
      }
      return host;
    },
    stop: async () => {
      clock.stop();
      await host?.stop();
      clock.clear();
      await Promise.all([front.close(), kube.close(), fleet.stop(), azurite.stop()]);
    },
  };
}

/** Windows machines that run; windows_exporter is on those on which the DSC extension succeeded. */
function machinesOf({ scaleSets }: ArmWorld): Machine[] {
  const running = scaleSets.flatMap(({ instances }) => instances).filter(({ power }) => power === "running");
  return running.map(({ ip, extensions }) => ({ address: ip, hasExporter: extensions.some((each) => each.installed) }));
}
