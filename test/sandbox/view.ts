import { isPlatform } from "../simulators/arm/actors/callers.ts";
import { isRecord } from "../simulators/arm/http.ts";
import { imageOf } from "../simulators/arm/images.ts";
import { isAksOwn } from "../simulators/arm/scripted-failures.ts";
import type { ArmWorld, Instance, ScaleSet } from "../simulators/arm/world.ts";
import type { World } from "../world.ts";
import { parseBody, textIn } from "./input.ts";
import type { Sandbox } from "./sandbox.ts";

const EXTENSION_TYPE = "Microsoft.Powershell.DSC";

/** Returns the whole world as JSON, for users and for external tests. */
export async function viewWorld({ world, host, real }: Sandbox, currentPackage: string) {
  const { arm, clock, events } = world;
  const windows = arm.world.scaleSets.flatMap((scaleSet) =>
    scaleSet.instances.map((instance) => ({ scaleSet, instance })),
  );
  return {
    clock: new Date(clock.now()).toISOString(),
    real,
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
    scaleSets: arm.world.scaleSets.map((each) => viewScaleSet(each, arm.world)),
    nodes: windows.map(({ scaleSet, instance }) => ({
      name: instance.computerName,
      ip: instance.ip,
      ready: instance.power === "running" && instance.state === "Succeeded",
      os: scaleSet.virtualMachineProfile.storageProfile.osDisk.osType.toLowerCase(),
    })),
    published: await viewPublished(world),
    arm: { requests: arm.journal.length, writes: countWrites(world) },
    package: { current: currentPackage },
    host: { invocations: host.invocations },
    events: {
      delivered: events.arm.delivered + events.aks.delivered,
      failed: events.arm.failed + events.aks.failed,
    },
  };
}

function viewScaleSet(scaleSet: ScaleSet, world: ArmWorld) {
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
    instances: instances.map((instance) => viewInstance(instance, world.latestModelApplied(scaleSet, instance))),
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
    package: ours?.installed ?? null,
  };
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
      addresses: listIn(slice, "endpoints").flatMap(({ addresses }) =>
        Array.isArray(addresses) ? addresses.map(String) : [],
      ),
    })),
  };
}

interface Published {
  readonly endpoints: readonly string[];
  readonly slices: readonly { readonly name: string; readonly addresses: readonly string[] }[];
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
  return textIn(parseBody(text), "package");
}
