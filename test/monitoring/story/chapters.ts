import { readManifests } from "../../manifests.ts";
import { makePackage, publish } from "../../packages.ts";
import { failRuns } from "../../stories/failing-runs.ts";
import { APP, type World } from "../../world.ts";
import { SERVICE } from "./scrapes.ts";

/** A fault, its end, and the alerts that it causes, by their labels. */
export interface Chapter {
  readonly name: string;
  /** Begins the fault; returns what ends it. */
  readonly begin: (world: World) => Promise<() => Promise<unknown>>;
  /** Minutes of the fault in which nothing fires yet. */
  readonly silentMinutes: number;
  /** Minutes of the whole fault. At its end, all of `fires` fire. */
  readonly faultMinutes: number;
  /** Minutes after the fault, at whose end nothing is pending or fires. */
  readonly healMinutes: number;
  readonly fires: readonly string[];
  /** Pending at some time, and never firing. */
  readonly pends: readonly string[];
}

const FIRST = makePackage("0.31.8");
const BAD = makePackage("0.31.9", [FIRST.hash]);
const GOOD = makePackage("0.31.10", [FIRST.hash]);
const TIMER_SETTING = "AzureWebJobs.reconcileTimer.Disabled";
const POOLS = ["win1", "win2"];
/** The nodes after the scale-out. */
const NODES = ["akswin1000000", "akswin1000001", "akswin1000002", "akswin1000003", "akswin1000004"]
  .map((node) => `agentpool="win1",node="${node}"`)
  .concat(["akswin2000000", "akswin2000001"].map((node) => `agentpool="win2",node="${node}"`));

const nothing = async (): Promise<void> => undefined;
const none = { silentMinutes: 0, healMinutes: 0, fires: [], pends: [] };

/** They follow each other in one cluster: what an earlier one leaves behind shows in a later one. */
export const CHAPTERS: readonly Chapter[] = [
  { ...none, name: "the first installation", begin: async () => nothing, faultMinutes: 60 },
  {
    ...none,
    name: "a pool is scaled out",
    begin: async ({ arm, cluster }) => {
      await arm.aks.scale(cluster.id, "win1", 5);
      return nothing;
    },
    faultMinutes: 20,
  },
  {
    // The nodes keep their names, and have no exporter for up to 18 minutes, until AKS is done with the pool.
    ...none,
    name: "AKS upgrades a pool",
    begin: async ({ arm, cluster }) => {
      await arm.aks.upgrade(cluster.id, "win1", { image: "20348.4000" });
      return nothing;
    },
    faultMinutes: 60,
  },
  {
    name: "a bad package is published, then a good one",
    begin: async ({ dsc, packageContainer }) => {
      failRuns(dsc, "package", ({ settings }) => JSON.stringify(settings).includes(BAD.hash));
      await publish(packageContainer, BAD);
      return () => publish(packageContainer, GOOD);
    },
    silentMinutes: 30,
    faultMinutes: 75,
    healMinutes: 90,
    fires: ['{alertname="WindowsMetricsRefused",state="held",reason="canary-failed"}'],
    pends: POOLS.flatMap((pool) => [
      `{alertname="WindowsPackageNotDesired",agentpool="${pool}",package="${FIRST.hash}"}`,
      `{alertname="WindowsExporterVersionSkew",agentpool="${pool}"}`,
    ]),
  },
  {
    name: "current.json is deleted, and published again",
    begin: async ({ packageContainer }) => {
      await packageContainer.deleteBlob("current.json");
      return () => publish(packageContainer, GOOD);
    },
    silentMinutes: 30,
    faultMinutes: 55,
    healMinutes: 20,
    fires: ['{alertname="WindowsMetricsRefused",state="package-unusable",reason="package-unusable"}'],
    pends: [],
  },
  {
    name: "a role is taken away, and given back",
    begin: async ({ arm }) => {
      await arm.actors.revokeRole("app", { action: "Microsoft.Compute/virtualMachineScaleSets/extensions/write" });
      return () => arm.actors.restoreRoles("app");
    },
    silentMinutes: 30,
    faultMinutes: 60,
    healMinutes: 10,
    fires: ['{alertname="WindowsMetricsPassFailing",flow="extension"}'],
    pends: [],
  },
  {
    name: "the Service is deleted, and applied again",
    begin: async ({ kube }) => {
      await kube.delete("Service", SERVICE);
      const service = readManifests(APP.oid).find(({ kind }) => kind === "Service");
      return async () => service && kube.apply(service);
    },
    silentMinutes: 9,
    faultMinutes: 35,
    healMinutes: 5,
    fires: [
      '{alertname="WindowsClusterNotScraped"}',
      '{alertname="WindowsMetricsRefused",state="refused",reason="service-missing"}',
      ...NODES.map((node) => `{alertname="WindowsNodeNotScraped",${node}}`),
    ],
    pends: [],
  },
  {
    name: "the timer is stopped, and started",
    begin: async () => {
      process.env[TIMER_SETTING] = "true";
      return async () => {
        delete process.env[TIMER_SETTING];
      };
    },
    silentMinutes: 19,
    faultMinutes: 45,
    healMinutes: 5,
    fires: ['{alertname="WindowsMetricsPassOverdue",flow="extension"}'],
    pends: [],
  },
];
