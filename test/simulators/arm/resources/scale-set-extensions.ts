import { applyPolicies } from "../actors/policy.ts";
import { inOrder } from "../extensions.ts";
import { ArmError, type Reply } from "../http.ts";
import { writeModel } from "../model-write.ts";
import { type Call, entityNotFound, route, scaleSetOf, SET } from "../route.ts";
import { typeOf } from "../scripted-failures.ts";
import { type ExtensionProperties, type ModelExtension, same, type ScaleSet } from "../world.ts";
import { submit } from "./operations.ts";
import { modelEntry } from "./scale-sets.ts";

/** Routes of the extensions of a scale set's model. They have no ETag, so the last write wins. */
export const extensionRoutes = [
  route("GET", `${SET}/extensions`, list),
  route("GET", `${SET}/extensions/{extension}`, get),
  route("PUT", `${SET}/extensions/{extension}`, put),
  route("DELETE", `${SET}/extensions/{extension}`, remove),
];

function list(call: Call): Reply {
  const { set, extensions } = found(call);
  return { status: 200, body: { value: extensions.map((one) => extensionBody(set, modelEntry(one))) } };
}

function get(call: Call): Reply {
  const { set, old } = found(call);
  if (!old) throw entityNotFound();
  return { status: 200, body: extensionBody(set, modelEntry(old)) };
}

/** Returns 201 and Creating, even if the extension already exists (recorded). */
function put(call: Call): Reply {
  const at = found(call);
  const { set, extensions, old, name } = at;
  const { properties = {} } = call.body as { properties?: ExtensionProperties };
  const wanted = applyPolicies(call.engine, set, { name, properties });
  const next = old ? extensions.map((one) => (one === old ? wanted : one)) : [...extensions, wanted];
  const headers = write(call, at, next);
  const shown = call.engine.unknowns.extensionPutEchoesProtectedSettings ? wanted : modelEntry(wanted);
  return { status: 201, body: extensionBody(set, shown, "Creating"), headers };
}

function remove(call: Call): Reply {
  const at = found(call);
  if (!at.old) return { status: 204 };
  const rest = at.extensions.filter((one) => one !== at.old);
  return { status: 202, headers: write(call, at, rest) };
}

/** Accepts a model with a changed list of extensions; `name` is the extension that is written. */
function write(call: Call, { set, name }: Found, next: ModelExtension[]): Record<string, string> {
  checkModel(set, next);
  return submit(call, set, `${set.id}/extensions/${name}`, async () => {
    if (next.some(({ properties }) => properties.publisher === undefined)) {
      const message = "An internal execution error occurred.";
      throw new ArmError(500, { code: "InternalOperationError", message });
    }
    const { extensionProfile, ...profile } = set.virtualMachineProfile;
    const virtualMachineProfile = { ...profile, extensionProfile: { ...extensionProfile, extensions: next } };
    await writeModel(call.engine, set, { virtualMachineProfile }, call.engine.unknowns.extensionPutBumpsEtag);
  });
}

type Found = { set: ScaleSet; extensions: ModelExtension[]; old: ModelExtension | undefined; name: string };

function found(call: Call): Found {
  const set = scaleSetOf(call);
  const { extensions } = set.virtualMachineProfile.extensionProfile;
  const old = extensions.find((one) => same(one.name, call.names["extension"]));
  return { set, extensions, old, name: old?.name ?? call.names["extension"] ?? "" };
}

function extensionBody(set: ScaleSet, { name, properties }: ModelExtension, state?: string): unknown {
  const provisioningState = state ?? (set.state === "Updating" ? "Updating" : "Succeeded");
  const type = "Microsoft.Compute/virtualMachineScaleSets/extensions";
  return { name, id: `${set.id}/extensions/${name}`, type, properties: { ...properties, provisioningState } };
}

/** Checks a model's extensions beyond their schema, and throws Compute's 400 errors. */
function checkModel(set: ScaleSet, extensions: readonly ModelExtension[]): void {
  const windows = set.virtualMachineProfile.storageProfile.osDisk.osType === "Windows";
  const sorted = inOrder(extensions);
  for (const [at, extension] of sorted.entries()) {
    const { name, properties } = extension;
    // Only major and minor are allowed; Compute rejects a full build number.
    if (!/^\d+\.\d+$/.test(properties.typeHandlerVersion ?? "1.0")) {
      throw bad("InvalidParameter", "The value of parameter typeHandlerVersion is invalid.");
    }
    const twin = extensions.find((other) => other.name !== name && same(typeOf(other), typeOf(extension)));
    if (twin && windows) {
      const handler = `VMExtension '${twin.name}' with handler '${typeOf(twin)}' already added or specified in input.`;
      const message = `Multiple VMExtensions per handler not supported for OS type 'Windows'. ${handler}`;
      throw bad("MultipleExtensionsPerHandlerNotAllowed", message);
    }
    for (const after of properties.provisionAfterExtensions ?? []) {
      const before = sorted.findIndex((other) => same(other.name, after));
      if (before === -1) throw missing(set, name, after);
      if (before < at) continue;
      throw bad("BadRequest", `On resource '${set.name}', the provisionAfterExtensions of '${name}' form a cycle.`);
    }
  }
}

function missing(set: ScaleSet, name: string, after: string): ArmError {
  const message =
    `On resource '${set.name}', extension '${name}' specifies '${after}' in its provisionAfterExtensions property, ` +
    `but the extension '${after}' will no longer exist. First, remove the extension '${name}' or remove ` +
    `'${after}' from the provisionAfterExtensions property of '${name}'.`;
  return bad("BadRequest", message);
}

function bad(code: string, message: string): ArmError {
  return new ArmError(400, { code, message });
}
