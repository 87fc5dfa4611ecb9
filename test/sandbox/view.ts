import { isPlatform } from "../simulators/arm/actors/callers.ts";
import { isRecord } from "../simulators/arm/http.ts";
import { imageOf } from "../simulators/arm/images.ts";
import { isAksOwn } from "../simulators/arm/scripted-failures.ts";
import type { Instance, ScaleSet } from "../simulators/arm/world.ts";
import type { World } from "../world.ts";
import { parseBody } from "./input.ts";
import type { Sandbox } from "./sandbox.ts";

export type WorldView = Awaited<ReturnType<typeof viewWorld>>;

const EXTENSION_TYPE = "Microsoft.Powershell.DSC";

/** Returns the whole world as JSON, for users and for external tests. */
export async function viewWorld(sandbox: Sandbox) {
  const { world, app, real, publisher, pace } = sandbox;
  const { arm, clock, events } = world;
  const published = await viewPublished(world);
  const current = await currentPackage(world);
  const windows = arm.world.scaleSets.flatMap((scaleSet) =>
    scaleSet.instances.map((instance) => ({ scaleSet, instance })),
  );
  return {
    clock: new Date(clock.now()).toISOString(),
    speed: pace.speed,
    real,
    conditions: findConditions(sandbox),
    clusters: arm.world.clusters.map(({ id, name, state, powerState, pools }) => ({
      id,
      name,
      state,
      powerState,
      pools: pools.map((pool) => ({
        name: pool.name,
        os: pool.os,
        state: pool.state,
        powerState: pool.powerState,
        count: pool.count,
        scaleSet: pool.scaleSet,
      })),
    })),
    scaleSets: arm.world.scaleSets.map((each) => viewScaleSet(each, world, published)),
    nodes: windows.map(({ scaleSet, instance }) => ({
      name: instance.computerName,
      ip: instance.ip,
      ready: instance.power === "running" && instance.state === "Succeeded",
      os: scaleSet.virtualMachineProfile.storageProfile.osDisk.osType.toLowerCase(),
    })),
    published,
    arm: { requests: arm.journal.length, writes: countWrites(world) },
    package: { current, versions: Object.fromEntries(publisher.versions) },
    host: { invocations: app.host?.invocations ?? {} },
    events: {
      delivered: events.arm.delivered + events.aks.delivered,
      failed: events.arm.failed + events.aks.failed,
    },
  };
}

/** Returns what holds until it is taken back. Failures of requests can end by themselves. */
function findConditions({ conditions, world: { arm } }: Sandbox): readonly string[] {
  const fails = arm.faults.some(({ times }) => times > 0);
  return [...conditions].flatMap(([key, text]) => (key === "failures" && !fails ? [] : [text]));
}

function viewScaleSet(scaleSet: ScaleSet, { arm, fleet }: World, published: Published) {
  const { name, state, virtualMachineProfile: profile, instances } = scaleSet;
  const foreign = profile.extensionProfile.extensions.filter((each) => !isAksOwn(each));
  return {
    name,
    state,
    image: imageOf(profile),
    extensions: foreign.map((each) => ({
      name: each.name,
      type: `${each.properties.publisher}.${each.properties.type}`,
      tag: each.properties.forceUpdateTag ?? null,
      state,
    })),
    instances: instances.map((instance) => ({
      ...viewInstance(instance, arm.world.latestModelApplied(scaleSet, instance)),
      exporter: fleet.answers(instance.ip, 9182),
      published: publicationOf(instance.ip, published),
    })),
  };
}

function viewInstance(instance: Instance, latestModelApplied: boolean) {
  const { id, vmId, computerName: node, power, image } = instance;
  const ours = extensionOf(instance);
  return {
    id,
    vmId,
    node,
    power,
    image,
    extension: ours?.state ?? null,
    tag: ours?.tag ?? null,
    latestModelApplied,
    package: ours?.installed || null,
  };
}

/** Returns how the slices publish an address. */
function publicationOf(ip: string, { slices }: Published): "ready" | "not-ready" | "no" {
  if (slices.some(({ ready }) => ready.includes(ip))) return "ready";
  return slices.some(({ addresses }) => addresses.includes(ip)) ? "not-ready" : "no";
}

/** Returns the DSC extension of an instance; an instance can have only one. */
export function extensionOf(instance: Instance) {
  return instance.extensions.find((each) => each.type === EXTENSION_TYPE);
}

/** Returns the addresses in the Endpoints object and in each slice of the API server. */
export async function viewPublished({ kube }: World): Promise<Published> {
  const endpoints = await kube.get("Endpoints", "windows-exporter");
  const all = await kube.list("EndpointSlice");
  const slices = all.filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === "windows-exporter");
  return {
    endpoints: listIn(endpoints, "subsets").flatMap((subset) =>
      [...listIn(subset, "addresses"), ...listIn(subset, "notReadyAddresses")].map(({ ip }) => String(ip)),
    ),
    slices: slices.map((slice) => ({
      name: slice.metadata.name,
      addresses: listIn(slice, "endpoints").flatMap(addressesOf),
      ready: listIn(slice, "endpoints").flatMap((endpoint) => (isReady(endpoint) ? addressesOf(endpoint) : [])),
    })),
  };
}

interface Published {
  readonly endpoints: readonly string[];
  readonly slices: readonly {
    readonly name: string;
    readonly addresses: readonly string[];
    /** Those of `addresses` that are ready. */
    readonly ready: readonly string[];
  }[];
}

type Endpoint = Readonly<Record<string, unknown>>;

function addressesOf({ addresses }: Endpoint): readonly string[] {
  return Array.isArray(addresses) ? addresses.map(String) : [];
}

function isReady({ conditions }: Endpoint): boolean {
  return isRecord(conditions) && conditions["ready"] === true;
}

function listIn(value: unknown, key: string): readonly Readonly<Record<string, unknown>>[] {
  const list: unknown = isRecord(value) ? value[key] : undefined;
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

/** Returns whether a request is a write; some reads use POST. */
export function isWrite({ method, action }: { readonly method: string; readonly action: string }): boolean {
  return method !== "GET" && !action.endsWith("listClusterUserCredential/action");
}

/** Counts the accepted writes of all callers but AKS and other parts of Azure, by action. */
export function countWrites({ arm }: World): Readonly<Record<string, number>> {
  const writes: Record<string, number> = {};
  for (const { who, method, action, status } of arm.journal) {
    if (!isPlatform(who) && isWrite({ method, action }) && status < 300) writes[action] = (writes[action] ?? 0) + 1;
  }
  return writes;
}

/** Returns the hash of the published package. */
export async function currentPackage({ packageContainer }: World): Promise<string> {
  const text = (await packageContainer.getBlobClient("current.json").downloadToBuffer()).toString("utf8");
  return String(parseBody(text)["package"]);
}
