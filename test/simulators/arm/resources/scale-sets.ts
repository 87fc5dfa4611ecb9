import type { Engine, Site } from "../engine.ts";
import type { Reply } from "../http.ts";
import { listed, scaleSetOf } from "../route.ts";
import type { Call, Route } from "../route.ts";
import { same } from "../world.ts";
import type { ModelExtension, ScaleSet } from "../world.ts";
import { instanceStatuses } from "./instance-view.ts";

const TYPE = "Microsoft.Compute/virtualMachineScaleSets";
const GROUP = `/subscriptions/{subscription}/resourceGroups/{group}/providers/${TYPE}`;
const READ = { method: "GET", action: `${TYPE}/read` };

/** Scale sets: read only, because an app should never write a whole model. */
export const scaleSetRoutes: readonly Route[] = [
  { ...READ, path: `/subscriptions/{subscription}/providers/${TYPE}`, handle: (call) => list(call, () => true) },
  { ...READ, path: GROUP, handle: (call) => list(call, (set) => same(set.resourceGroup, call.names["group"])) },
  {
    ...READ,
    path: `${GROUP}/{set}`,
    bucket: "GetVMScaleSet30Min",
    handle: (call) => {
      const set = scaleSetOf(call);
      return { status: 200, body: scaleSetBody(set), headers: { etag: `"${set.etag}"` } };
    },
  },
  {
    method: "GET",
    action: `${TYPE}/instanceView/read`,
    path: `${GROUP}/{set}/instanceView`,
    verb: true,
    bucket: "HighCostGetVMScaleSet30Min",
    handle: (call) => ({ status: 200, body: summary(call.engine, scaleSetOf(call)) }),
  },
];

function list(call: Call, wanted: (set: ScaleSet) => boolean): Reply {
  const { engine, names } = call;
  const found = engine.world.scaleSets.filter((one) => same(one.subscription, names["subscription"]) && wanted(one));
  return { status: 200, body: { value: found.map((one) => listed(engine, scaleSetBody(one))) } };
}

/** A model entry as reads show it: never with protectedSettings. */
export function modelEntry({ name, properties }: ModelExtension): ModelExtension {
  const { protectedSettings: _hidden, ...shown } = properties;
  return { name, properties: shown };
}

function scaleSetBody(set: ScaleSet): { id: string } & Record<string, unknown> {
  const { extensions, ...rest } = set.virtualMachineProfile.extensionProfile;
  const extensionProfile = { ...rest, extensions: extensions.map(modelEntry) };
  return {
    id: set.id,
    name: set.name,
    type: TYPE,
    location: set.location,
    tags: set.tags,
    sku: set.sku,
    etag: `"${set.etag}"`,
    properties: {
      singlePlacementGroup: false,
      orchestrationMode: set.orchestrationMode,
      upgradePolicy: set.upgradePolicy,
      virtualMachineProfile: { ...set.virtualMachineProfile, extensionProfile },
      provisioningState: set.state,
      overprovision: false,
      uniqueId: set.uniqueId,
      platformFaultDomainCount: 1,
    },
  };
}

/** Counts per status code, for the set and for each extension. */
function summary(engine: Engine, scaleSet: ScaleSet): unknown {
  const views = scaleSet.instances.map((instance) => instanceStatuses(engine, { scaleSet, instance } satisfies Site));
  const names = new Set(views.flatMap(({ extensions }) => extensions.map(({ name }) => name)));
  const codesOf = (name: string): string[] =>
    views.flatMap(({ extensions }) => extensions.filter((one) => one.name === name).map(({ code }) => code));
  return {
    virtualMachine: { statusesSummary: counted(views.flatMap(({ codes }) => codes)) },
    extensions: [...names].map((name) => ({ name, statusesSummary: counted(codesOf(name)) })),
    statuses: [{ code: `ProvisioningState/${scaleSet.state.toLowerCase()}`, level: "Info", time: engine.flow.iso() }],
  };
}

function counted(codes: readonly string[]): { code: string; count: number }[] {
  return Object.entries(Object.groupBy(codes, (code) => code)).map(([code, all]) => ({
    code,
    count: all?.length ?? 0,
  }));
}
