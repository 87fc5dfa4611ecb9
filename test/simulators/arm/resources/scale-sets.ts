import { page, route, scaleSetOf, SET, within } from "../route.ts";
import type { ModelExtension, ScaleSet } from "../world.ts";

const TYPE = "Microsoft.Compute/virtualMachineScaleSets";

/** Read-only routes of scale sets: an app should never write a whole model. */
export const scaleSetRoutes = [
  route("GET", SET.replace("/{set}", ""), (call) =>
    page(call, within(call, call.engine.world.scaleSets).map(scaleSetBody)),
  ),
  route("GET", SET, (call) => ({ status: 200, body: scaleSetBody(scaleSetOf(call)) })),
];

/** Returns an extension of the model as responses contain it: without protectedSettings. */
export function modelEntry({ name, properties }: ModelExtension): ModelExtension {
  const { protectedSettings: _hidden, ...shown } = properties;
  return { name, properties: shown };
}

function scaleSetBody(set: ScaleSet): { id: string } {
  const { id, name, location, tags, sku, upgradePolicy, virtualMachineProfile: profile } = set;
  const extensions = profile.extensionProfile.extensions.map(modelEntry);
  const properties = {
    orchestrationMode: "Uniform",
    upgradePolicy,
    virtualMachineProfile: { ...profile, extensionProfile: { ...profile.extensionProfile, extensions } },
    provisioningState: set.state,
  };
  const shown = { id, name, type: TYPE, location, tags, sku, etag: `"${set.etag}"`, properties };
  return shown;
}
