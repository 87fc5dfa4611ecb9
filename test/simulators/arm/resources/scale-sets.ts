import { isDeepStrictEqual } from "node:util";
import type { Reply } from "../http.ts";
import { type Call, notModelled, page, route, scaleSetOf, SET, within } from "../route.ts";
import type { ModelExtension, ScaleSet } from "../world.ts";
import { submit } from "./operations.ts";

const TYPE = "Microsoft.Compute/virtualMachineScaleSets";

/** Routes of scale sets. They have no PUT: an app should never write a whole model. */
export const scaleSetRoutes = [
  route("GET", SET.replace("/{set}", ""), (call) =>
    page(call, within(call, call.engine.world.scaleSets).map(scaleSetBody)),
  ),
  route("GET", SET, (call) => ({ status: 200, body: scaleSetBody(scaleSetOf(call)) })),
  route("PATCH", SET, patch),
];

/** Changes the mode of the upgrade policy. A body without the image needs no permission on it (aad-pod-identity#753). */
function patch(call: Call): Reply {
  const set = scaleSetOf(call);
  const { properties } = call.body as { properties?: { upgradePolicy?: ScaleSet["upgradePolicy"] } };
  const { mode } = properties?.upgradePolicy ?? {};
  if (mode === undefined || !isDeepStrictEqual(call.body, { properties: { upgradePolicy: { mode } } })) {
    throw notModelled(call.method, `${call.url.pathname} with this body`);
  }
  const headers = submit(call, set, set.id, async () => {
    Object.assign(set, { upgradePolicy: { mode }, etag: set.etag + 1 });
    await call.engine.flow.wait(call.engine.durations.modelWrite);
  });
  return { status: 200, body: scaleSetBody(set), headers };
}

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
