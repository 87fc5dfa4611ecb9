import type { Engine } from "../engine.ts";
import { type Call, entityNotFound, page, route, scaleSetOf, SET } from "../route.ts";
import type { Instance, InstanceExtension, ScaleSet } from "../world.ts";

const VM = `${SET}/virtualMachines/{instance}`;

/** Read-only routes of instances. */
export const scaleSetVmRoutes = [
  route("GET", `${SET}/virtualMachines`, list, ["$expand"]),
  route("GET", VM, (call) => ({ status: 200, body: vmBody(call, scaleSetOf(call), instanceOf(call)) }), ["$expand"]),
  route("GET", `${VM}/instanceView`, (call) => ({ status: 200, body: instanceView(call.engine, instanceOf(call)) })),
];

function list(call: Call): ReturnType<typeof page> {
  const set = scaleSetOf(call);
  const bodies = set.instances.map((instance) => vmBody(call, set, instance));
  return page(call, bodies);
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
    ...shown,
    ...(unknowns.instanceViewShowsForceUpdateTag && { forceUpdateTag: tag }),
    provisioningState: { transitioning: "Updating", succeeded: "Succeeded", failed: "Failed" }[state],
  };
  const resourceType = "Microsoft.Compute/virtualMachines/extensions";
  return { id: `${vm}/extensions/${name}`, name, type: resourceType, location: set.location, properties };
}

/** Returns the instance view; for a deallocated instance, it has only the power state (recorded). */
function instanceView({ flow }: Engine, instance: Instance): unknown {
  const { power, computerName, agentSilent, extensions } = instance;
  const powerState = status(`PowerState/${power}`, `VM ${power}`);
  if (power === "deallocated") return { statuses: [powerState] };
  const time = flow.iso();
  const state = instance.state.toLowerCase();
  const statuses = [status(`ProvisioningState/${state}`, `Provisioning ${state}`, { time }), powerState];
  if (power !== "running") return { statuses };
  if (agentSilent) {
    const message = "VM status blob is found but not yet populated.";
    const notReady = status("ProvisioningState/Unavailable", "Not Ready", { level: "Warning", message, time });
    return { statuses, computerName, vmAgent: { vmAgentVersion: "Unknown", statuses: [notReady] } };
  }
  const ready = status("ProvisioningState/succeeded", "Ready", { message: "GuestAgent is running", time });
  const vmAgent = { vmAgentVersion: "2.7.41491.1172", statuses: [ready] };
  return { statuses, computerName, vmAgent, extensions: extensions.map(extensionView) };
}

function extensionView(extension: InstanceExtension): unknown {
  const { name, type, state, message, time, ran } = extension;
  const typeHandlerVersion = `${ran.typeHandlerVersion ?? "1.0"}.0.0`;
  const failed = state === "failed";
  const code = `ProvisioningState/${state}${failed ? `/${extension.code}` : ""}`;
  const shown = status(code, `Provisioning ${state}`, { level: failed ? "Error" : "Info", message, time });
  const logs = extension.substatuses.map((text) =>
    status("ComponentStatus/Log/succeeded", "Provisioning succeeded", { message: text }),
  );
  return { name, type, typeHandlerVersion, statuses: [shown], ...(logs.length > 0 && { substatuses: logs }) };
}

function status(code: string, displayStatus: string, more: object = {}): unknown {
  return { code, level: "Info", displayStatus, ...more };
}
