import type { ContainerClient } from "@azure/storage-blob";
import { makeCertificate, trust, type Certificate } from "./certificates.ts";
import { Clock } from "./clock.ts";
import type { ClusterAdmin } from "./contracts/cluster-admin.ts";
import { grantsOf, identityOf, settingsOf, storageOf, subscriptionsOf } from "./deployed/deployment.ts";
import { runtimeValues } from "./deployed/runtime-values.ts";
import { readSnapshot } from "./deployed/snapshot.ts";
import { createMachines } from "./machines.ts";
import { openArm } from "./open-arm.ts";
import { openKube, type StartKube } from "./open-kube.ts";
import { type FixturePackage, makePackage, openBlobs, publish, storageToken } from "./packages.ts";
import type { ClusterSpec } from "./simulators/arm/aks-cluster.ts";
import type { ArmOptions, ArmSimulator, Principal } from "./simulators/arm/arm-simulator.ts";
import type { ExtensionHandler } from "./simulators/arm/extensions.ts";
import type { Cluster } from "./simulators/arm/world.ts";
import { type Azurite, startAzurite } from "./simulators/azurite.ts";
import { createDscHandler } from "./simulators/dsc-extension.ts";
import { EventGrid, type Subscription } from "./simulators/event-grid.ts";
import { type Fleet, startFleet } from "./simulators/fleet.ts";
import { type FunctionsHost, startHost } from "./simulators/host/functions-host.ts";
import { type Identity, mintToken, startIdentity } from "./simulators/identity.ts";
import type { KubeSimulator } from "./simulators/kubernetes/kube-simulator.ts";
import { subscribe } from "./subscriptions.ts";

const MINUTE_MS = 60_000;
/** The app's identity. */
export const APP = { oid: "00000000-0000-4000-8000-0000000000a1", clientId: "00000000-0000-4000-8000-0000000000a2" };
const OPERATOR = "00000000-0000-4000-8000-0000000000b1";

/** The options of a world; all are optional. */
export interface WorldOptions {
  readonly cluster?: ClusterSpec;
  readonly settings?: Readonly<Record<string, string>>;
  readonly arm?: Partial<Omit<ArmOptions, "clock" | "principals" | "onEvent">>;
  /** How long the app's extension takes on an instance. */
  readonly extensionMs?: number;
  readonly eventSchema?: Subscription["schema"];
  readonly hostPort?: number;
  /** Starts a real control plane and applies the manifests; the simulator is the default. */
  readonly startKube?: StartKube;
  /** The initially published package. */
  readonly package?: FixturePackage;
  /** Publishes no package. */
  readonly isUnpublished?: true;
  /** Allows anonymous reads of packages; by default, the container is private. */
  readonly packageAccess?: "blob";
  /** Changes the role assignments of the app. */
  readonly assignments?: (granted: Principal["assignments"]) => Principal["assignments"];
}

/** Azure with one AKS cluster, storage, an identity and, after `load`, the app. */
export interface World {
  readonly clock: Clock;
  readonly certificate: Certificate;
  readonly arm: ArmSimulator;
  readonly armUrl: string;
  readonly cluster: Cluster;
  readonly azurite: Azurite;
  /** The URL of the host's storage account, which contains the app's container. */
  readonly hostAccountUrl: string;
  readonly identity: Identity;
  /** The cluster's Kubernetes, with an administrator's permissions. */
  readonly kube: ClusterAdmin;
  /** The Kubernetes simulator, unless the control plane is real. */
  readonly simulator: KubeSimulator | undefined;
  readonly fleet: Fleet;
  readonly dsc: ExtensionHandler;
  readonly packageContainer: ContainerClient;
  readonly package: FixturePackage;
  readonly events: { readonly arm: EventGrid; readonly aks: EventGrid };
  readonly settings: Readonly<Record<string, string>>;
  /** The object ID of the app's identity. */
  readonly appOid: string;
  /** The object ID of the operator, who owns the subscription. */
  readonly operatorOid: string;
  /** Returns a token of the operator. */
  operatorToken(audience?: string): string;
  /** Sends the events of the deployed subscriptions to a host, and to no other. */
  subscribe(host: Pick<FunctionsHost, "url" | "eventGridKey">): Promise<void>;
  /** Loads the app into a host, and subscribes it to Event Grid. */
  load(app: () => Promise<unknown>): Promise<FunctionsHost>;
  stop(): Promise<void>;
}

/** The deployment of the template: the app's settings, its permissions and its event subscriptions. */
export const DEPLOYED = readSnapshot("sandbox");

/** The clock of the process. It continues in the next world, because the process caches tokens. */
const clock = new Clock();
clock.skipToMinute();
const certificate = await makeCertificate();
trust(certificate);
clock.shiftDate();
/** The identity library uses the first endpoint that it finds for the life of the process. */
let identityOfProcess: Promise<Identity> | undefined;

/** The cluster of the deployment, with two Windows pools and one Linux pool. */
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

/** A story that is not about the trial of a new package does not wait for its end. */
const WITHOUT_SOAK = { ROLLOUT_SOAK: "PT0S" };

/** Where a function app finds its managed identity. */
function identitySettings({ endpoint, header }: Identity): Readonly<Record<string, string>> {
  return { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header };
}

/** Starts everything but the app, and sets the app's settings in this process. */
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
  const fleet = await startFleet(createMachines(arm.world), clock);

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
    ...identitySettings(identity),
    ARM_ENDPOINT: front.url,
    ...WITHOUT_SOAK,
    ...options.settings,
  };
  Object.assign(process.env, settings);

  let host: FunctionsHost | undefined;
  const sendEventsTo: World["subscribe"] = (to) =>
    subscribe(subscriptionsOf(DEPLOYED), events, { host: to, schema: options.eventSchema ?? "EventGridSchema" });
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
    appOid: APP.oid,
    operatorOid: OPERATOR,
    operatorToken,
    subscribe: sendEventsTo,
    load: async (load) => {
      host = await startHost(load, { clock, port: options.hostPort ?? 0 });
      clock.addGate(() => host?.idle() ?? Promise.resolve());
      if (host.functions.some((each) => each.name === "scaleSetEvent")) await sendEventsTo(host);
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
