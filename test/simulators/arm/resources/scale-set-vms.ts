import type { Engine, Site } from "../engine.ts";
import { latestModelApplied } from "../instances.ts";
import { instanceOf, listed, page, scaleSetOf } from "../route.ts";
import type { Route } from "../route.ts";
import type { InstanceExtension } from "../world.ts";
import { instanceView } from "./instance-view.ts";

const TYPE = "Microsoft.Compute/virtualMachineScaleSets/virtualMachines";
const SET =
  "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachineScaleSets/{set}";
const VIEW = `${TYPE}/instanceView/read`;

function expands(url: URL): boolean {
  return url.searchParams.get("$expand")?.toLowerCase() === "instanceview";
}

const READ = {
  method: "GET",
  action: `${TYPE}/read`,
  // $expand=instanceView needs both permissions.
  also: (url: URL): readonly string[] => (expands(url) ? [VIEW] : []),
};

/** Instances: read only. */
export const scaleSetVmRoutes: readonly Route[] = [
  {
    ...READ,
    path: `${SET}/virtualMachines`,
    query: ["$expand", "$skiptoken"],
    bucket: "HighCostGetVMScaleSet30Min",
    handle: (call) => {
      const scaleSet = scaleSetOf(call);
      const sites = scaleSet.instances.map((instance) => ({ scaleSet, instance }));
      return page(
        call,
        sites.map((site) => listed(call.engine, vmBody(call.engine, site, expands(call.url)))),
      );
    },
  },
  {
    ...READ,
    path: `${SET}/virtualMachines/{instance}`,
    query: ["$expand"],
    bucket: "GetVMScaleSetVM30Min",
    handle: (call) => ({ status: 200, body: vmBody(call.engine, instanceOf(call), expands(call.url)) }),
  },
  {
    method: "GET",
    action: VIEW,
    path: `${SET}/virtualMachines/{instance}/instanceView`,
    verb: true,
    bucket: "GetVMScaleSetVM30Min",
    handle: (call) => ({ status: 200, body: instanceView(call.engine, instanceOf(call)) }),
  },
];

function vmBody(engine: Engine, site: Site, withView: boolean): { id: string } & Record<string, unknown> {
  const { scaleSet, instance } = site;
  const { profile } = instance.applied;
  const { computerNamePrefix: _prefix, ...osProfile } = profile.osProfile;
  const imageReference = { ...profile.storageProfile.imageReference, exactVersion: instance.image };
  return {
    id: `${scaleSet.id}/virtualMachines/${instance.id}`,
    name: `${scaleSet.name}_${instance.id}`,
    type: TYPE,
    location: scaleSet.location,
    tags: scaleSet.tags,
    instanceId: instance.id,
    sku: { name: instance.sku, tier: scaleSet.sku.tier },
    etag: `"${instance.applied.revision}"`,
    properties: {
      latestModelApplied: latestModelApplied(engine, site),
      modelDefinitionApplied: "VirtualMachineScaleSet",
      vmId: instance.vmId,
      hardwareProfile: { vmSize: instance.sku },
      storageProfile: { imageReference, osDisk: profile.storageProfile.osDisk, dataDisks: [] },
      osProfile: { ...osProfile, computerName: instance.computerName },
      provisioningState: instance.state,
      protectionPolicy: instance.protection,
      timeCreated: instance.timeCreated,
      ...(withView && { instanceView: instanceView(engine, site) }),
    },
    ...(instance.extensions.length > 0 && { resources: instance.extensions.map((one) => resource(engine, site, one)) }),
  };
}

/** Instance-level extensions come with every VM, under ids of single VMs (recorded). */
function resource(engine: Engine, { scaleSet, instance }: Site, extension: InstanceExtension): unknown {
  const { subscription, resourceGroup, name, location } = scaleSet;
  const vm = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute/virtualMachines/${name}_${instance.id}`;
  const { publisher, type, typeHandlerVersion, autoUpgradeMinorVersion, settings } = extension.ran;
  const states = { transitioning: "Updating", succeeded: "Succeeded", failed: "Failed" };
  const shown = { publisher, type, typeHandlerVersion, autoUpgradeMinorVersion, settings };
  return {
    id: `${vm}/extensions/${extension.name}`,
    name: extension.name,
    type: "Microsoft.Compute/virtualMachines/extensions",
    location,
    properties: {
      ...shown,
      ...(engine.unknowns.instanceViewShowsForceUpdateTag && { forceUpdateTag: extension.tag }),
      provisioningState: states[extension.state],
    },
  };
}
