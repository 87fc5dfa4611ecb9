import { isDeepStrictEqual } from "node:util";
import { refuse } from "../aks-calls.ts";
import { checkModel } from "../extension-rules.ts";
import { ArmError, entityNotFound } from "../http.ts";
import type { Reply } from "../http.ts";
import { upgradeInstance } from "../instances.ts";
import { OperationError } from "../operations.ts";
import { scaleSetOf } from "../route.ts";
import type { Call, Route } from "../route.ts";
import { extensionBody } from "../validate.ts";
import { same } from "../world.ts";
import type { ModelExtension, ScaleSet } from "../world.ts";
import { followUp, writeOf } from "./accepted.ts";
import { modelEntry } from "./scale-sets.ts";

const TYPE = "Microsoft.Compute/virtualMachineScaleSets/extensions";
const ALL =
  "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachineScaleSets/{set}/extensions";

/** The extensions of a set's model. They have no etag: whoever writes last wins. */
export const extensionRoutes: readonly Route[] = [
  { method: "GET", action: `${TYPE}/read`, path: ALL, bucket: "GetVMScaleSet30Min", handle: list },
  { method: "GET", action: `${TYPE}/read`, path: `${ALL}/{extension}`, bucket: "GetVMScaleSet30Min", handle: get },
  {
    method: "PUT",
    action: `${TYPE}/write`,
    path: `${ALL}/{extension}`,
    check: extensionBody,
    bucket: "VMScaleSetActions30Min",
    handle: put,
  },
  {
    method: "DELETE",
    action: `${TYPE}/delete`,
    path: `${ALL}/{extension}`,
    bucket: "VMScaleSetActions30Min",
    handle: remove,
  },
];

function list(call: Call): Reply {
  const set = scaleSetOf(call);
  const state = set.state === "Updating" ? "Updating" : "Succeeded";
  return { status: 200, body: { value: extensionsOf(set).map((one) => body(set, modelEntry(one), state)) } };
}

function get(call: Call): Reply {
  const set = scaleSetOf(call);
  const found = extensionsOf(set).find(({ name }) => same(name, call.names["extension"]));
  if (!found) throw entityNotFound();
  return { status: 200, body: body(set, modelEntry(found), set.state === "Updating" ? "Updating" : "Succeeded") };
}

function put(call: Call): Reply {
  const { engine } = call;
  const set = parentOf(call);
  const old = extensionsOf(set).find(({ name }) => same(name, call.names["extension"]));
  const wanted = {
    name: old?.name ?? call.names["extension"] ?? "",
    properties: extensionBody(call.body).properties ?? {},
  };
  const next = old ? extensionsOf(set).map((one) => (one === old ? wanted : one)) : [...extensionsOf(set), wanted];
  checkModel(set, next);
  const operation = engine.operations.start(writeOf(call, set, idOf(set, wanted.name)), async () => {
    const missing = wanted.properties.publisher === undefined;
    if (missing) throw new OperationError("InternalOperationError", "An internal execution error occurred.");
    const others = extensionsOf(set).filter(({ name }) => !same(name, wanted.name));
    await writeModel(
      call,
      set,
      old ? extensionsOf(set).map((one) => others.find((o) => o === one) ?? wanted) : [...others, wanted],
    );
  });
  const echoed = engine.unknowns.extensionPutEchoesProtectedSettings ? wanted : modelEntry(wanted);
  return {
    status: old ? engine.unknowns.extensionPutOfExisting : 201,
    body: body(set, echoed, old && engine.unknowns.extensionPutOfExisting === 200 ? "Updating" : "Creating"),
    headers: followUp(engine, set, operation, false),
  };
}

function remove(call: Call): Reply {
  const set = parentOf(call);
  const rest = extensionsOf(set).filter(({ name }) => !same(name, call.names["extension"]));
  if (rest.length === extensionsOf(set).length) return { status: 204 };
  checkModel(set, rest);
  const resource = idOf(set, call.names["extension"] ?? "");
  const operation = call.engine.operations.start(writeOf(call, set, resource), () => writeModel(call, set, rest));
  return { status: 202, headers: followUp(call.engine, set, operation, true) };
}

/** Under the Manual policy only the model changes, in a quarter of a second; Automatic takes the instances along. */
async function writeModel({ engine }: Call, set: ScaleSet, next: ModelExtension[]): Promise<void> {
  if (!isDeepStrictEqual(next, extensionsOf(set))) {
    set.revision += 1;
    if (engine.unknowns.extensionPutBumpsEtag) set.etag += 1;
  }
  set.virtualMachineProfile.extensionProfile.extensions = next;
  await engine.flow.wait(engine.durations.modelWrite);
  if (set.upgradePolicy.mode === "Manual") return;
  const work = set.instances.map((instance) => upgradeInstance(engine, { scaleSet: set, instance }));
  refuse((await Promise.all(work)).flat());
}

function extensionsOf(set: ScaleSet): ModelExtension[] {
  return set.virtualMachineProfile.extensionProfile.extensions;
}

function parentOf(call: Call): ScaleSet {
  try {
    return scaleSetOf(call);
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    const message =
      `Failed to perform '${call.method === "PUT" ? "write" : "delete"}' on resource(s) of type ` +
      `'virtualMachineScaleSets/extensions', because the parent resource '${call.url.pathname}' could not be found.`;
    throw new ArmError(404, { code: "ParentResourceNotFound", message }, error.headers);
  }
}

function idOf(set: ScaleSet, name: string): string {
  return `${set.id}/extensions/${name}`;
}

function body(set: ScaleSet, { name, properties }: ModelExtension, provisioningState: string): unknown {
  return { name, id: idOf(set, name), type: TYPE, properties: { ...properties, provisioningState } };
}
