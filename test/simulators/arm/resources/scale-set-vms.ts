import { isDeepStrictEqual } from "node:util";
import type { Engine } from "../engine.ts";
import type { Reply } from "../http.ts";
import { type Call, entityNotFound, notModelled, page, route, scaleSetOf, SET } from "../route.ts";
import type { Instance, InstanceExtension, ScaleSet } from "../world.ts";
import { instanceView } from "./instance-view.ts";
import { submit } from "./operations.ts";

const VM = `${SET}/virtualMachines/{instance}`;

/** Routes of instances. */
export const scaleSetVmRoutes = [
  route("GET", `${SET}/virtualMachines`, list, ["$expand"]),
  route("GET", VM, (call) => ({ status: 200, body: vmBody(call, scaleSetOf(call), instanceOf(call)) }), ["$expand"]),
  route("PUT", VM, put),
  route("GET", `${VM}/instanceView`, (call) => ({ status: 200, body: instanceView(call.engine, instanceOf(call)) })),
];

function list(call: Call): ReturnType<typeof page> {
  const set = scaleSetOf(call);
  const bodies = set.instances.map((instance) => vmBody(call, set, instance));
  return page(call, bodies);
}

/** Changes the protection of an instance. What the body leaves out stays as it is (cilium#19697), but not the location. */
function put(call: Call): Reply {
  const [set, instance] = [scaleSetOf(call), instanceOf(call)];
  const { properties } = call.body as { properties?: { protectionPolicy?: Partial<Instance["protection"]> } };
  const { protectionPolicy = {} } = properties ?? {};
  const known = { location: set.location, properties: { protectionPolicy } };
  const isKnown = Object.keys(protectionPolicy).every((key) => key in instance.protection);
  if (!isKnown || !isDeepStrictEqual(call.body, known)) {
    throw notModelled(call.method, `${call.url.pathname} with this body`);
  }
  const headers = submit(call, set, `${set.id}/virtualMachines/${instance.id}`, async () => {
    Object.assign(instance.protection, protectionPolicy);
    await call.engine.flow.wait(call.engine.durations.modelWrite);
  });
  return { status: 200, body: vmBody(call, set, instance), headers };
}

/** Returns the instance that the path names, or throws Compute's 404. */
function instanceOf(call: Call): Instance {
  const found = scaleSetOf(call).instances.find(({ id }) => id === call.names["instance"]);
  if (!found) throw entityNotFound();
  return found;
}

function vmBody({ engine, url }: Call, set: ScaleSet, instance: Instance): { id: string } {
  const { id: instanceId, vmId, computerName, extensions, applied, image: exactVersion } = instance;
  const { imageReference, osDisk } = applied.profile.storageProfile;
  const properties = {
    latestModelApplied: engine.world.latestModelApplied(set, instance),
    modelDefinitionApplied: "VirtualMachineScaleSet",
    vmId,
    storageProfile: { ...(imageReference && { imageReference: { ...imageReference, exactVersion } }), osDisk },
    osProfile: { computerName },
    provisioningState: instance.state,
    protectionPolicy: instance.protection,
    ...(url.searchParams.has("$expand") && { instanceView: instanceView(engine, instance) }),
  };
  const body = {
    id: `${set.id}/virtualMachines/${instanceId}`,
    name: `${set.name}_${instanceId}`,
    type: "Microsoft.Compute/virtualMachineScaleSets/virtualMachines",
    location: set.location,
    instanceId,
    sku: { name: instance.sku, tier: set.sku.tier },
    etag: `"${applied.revision}"`,
    properties,
  };
  if (extensions.length === 0) return body;
  return Object.assign(body, { resources: extensions.map((one) => vmExtension(engine, set, instanceId, one)) });
}

/** Returns an instance-level extension. Each VM has them in `resources`, with ids of single VMs (recorded). */
function vmExtension({ unknowns }: Engine, set: ScaleSet, id: string, extension: InstanceExtension): unknown {
  const { name, tag, state, ran } = extension;
  const vm = `${set.id.replace("virtualMachineScaleSets", "virtualMachines")}_${id}`;
  const { protectedSettings: _hidden, forceUpdateTag: _tag, provisionAfterExtensions: _after, ...shown } = ran;
  const properties = {
    ...(unknowns.instanceResourcesShowSettings && shown),
    ...(unknowns.instanceViewShowsForceUpdateTag && { forceUpdateTag: tag }),
    provisioningState: { transitioning: "Updating", succeeded: "Succeeded", failed: "Failed" }[state],
  };
  const resourceType = "Microsoft.Compute/virtualMachines/extensions";
  return { id: `${vm}/extensions/${name}`, name, type: resourceType, location: set.location, properties };
}
