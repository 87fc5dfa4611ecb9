import { inOrder } from "./extensions.ts";
import { ArmError } from "./http.ts";
import { typeOf } from "./scripted-failures.ts";
import { same } from "./world.ts";
import type { ModelExtension, ScaleSet } from "./world.ts";

/** What Compute checks of a model's extensions beyond their shape; 400 with its own words. */
export function checkModel(set: ScaleSet, extensions: readonly ModelExtension[]): void {
  const windows = set.virtualMachineProfile.storageProfile.osDisk.osType === "Windows";
  for (const extension of extensions) {
    checkVersion(extension);
    checkDependencies(set, extension, extensions);
    const twin = extensions.find((other) => other.name !== extension.name && same(typeOf(other), typeOf(extension)));
    if (twin && windows) {
      const handler = `VMExtension '${twin.name}' with handler '${typeOf(twin)}' already added or specified in input.`;
      const message = `Multiple VMExtensions per handler not supported for OS type 'Windows'. ${handler}`;
      throw new ArmError(400, { code: "MultipleExtensionsPerHandlerNotAllowed", message });
    }
  }
  checkCycles(set, extensions);
}

function checkVersion({ properties }: ModelExtension): void {
  const { typeHandlerVersion: version } = properties;
  // Major and minor only; a full build number is refused.
  if (version === undefined || /^\d+\.\d+$/.test(version)) return;
  const message = "The value of parameter typeHandlerVersion is invalid.";
  throw new ArmError(400, { code: "InvalidParameter", message, target: "typeHandlerVersion" });
}

function checkDependencies(set: ScaleSet, extension: ModelExtension, all: readonly ModelExtension[]): void {
  const { name, properties } = extension;
  const missing = properties.provisionAfterExtensions?.find((after) => !all.some((other) => same(other.name, after)));
  if (missing === undefined) return;
  throw new ArmError(400, {
    code: "BadRequest",
    message:
      `On resource '${set.name}', extension '${name}' specifies '${missing}' in its provisionAfterExtensions property, ` +
      `but the extension '${missing}' will no longer exist. First, remove the extension '${name}' or remove ` +
      `'${missing}' from the provisionAfterExtensions property of '${name}'.`,
    innererror: { internalErrorCode: "MissingDependentExtensionInArgument" },
  });
}

function checkCycles(set: ScaleSet, extensions: readonly ModelExtension[]): void {
  const sorted = inOrder(extensions);
  const stuck = sorted.find(({ properties }, at) =>
    properties.provisionAfterExtensions?.some((after) => sorted.findIndex(({ name }) => same(name, after)) >= at),
  );
  if (!stuck) return;
  const message = `On resource '${set.name}', the provisionAfterExtensions of '${stuck.name}' form a cycle.`;
  throw new ArmError(400, { code: "BadRequest", message });
}
