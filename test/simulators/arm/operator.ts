import { callCompute } from "./aks-calls.ts";
import type { Caller } from "./authenticate.ts";
import type { Engine } from "./engine.ts";
import { ArmError } from "./http.ts";
import { writeModel } from "./model-write.ts";
import { outcome } from "./operations.ts";
import { modelEntry } from "./resources/scale-sets.ts";
import { type ModelExtension, same, type ScaleSet } from "./world.ts";

/** An operator, who owns the subscription. */
const OPERATOR: Caller = {
  oid: "0be7a700-0000-4000-8000-0000000000b2",
  name: "az",
  assignments: [],
  claims: { aud: "https://management.azure.com/", appid: "04b07795-8ddb-461a-bbee-02f9e1bf7b46" },
};

/** An operator with the Azure CLI, which writes whole models. */
export class OperatorActor {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Adds or replaces an extension as `az vmss extension set` does: reads the model and PUTs all of it. The other
   * extensions lose their protectedSettings, which no response contains. Throws the 403 of AKS's gallery images.
   */
  setExtension(scaleSet: string, extension: ModelExtension): void {
    const set = this.#engine.world.scaleSets.find(({ name }) => same(name, scaleSet));
    if (!set) throw new ArmError(404, { code: "ResourceNotFound", message: `no scale set ${scaleSet}` });
    checkImage(set);
    const { extensionProfile, ...profile } = set.virtualMachineProfile;
    const others = extensionProfile.extensions.filter(({ name }) => !same(name, extension.name)).map(modelEntry);
    const extensions = [...others, extension];
    const virtualMachineProfile = { ...profile, extensionProfile: { ...extensionProfile, extensions } };
    const body = { location: set.location, properties: { virtualMachineProfile, upgradePolicy: set.upgradePolicy } };
    const work = (): Promise<void> => writeModel(this.#engine, set, { virtualMachineProfile });
    const write = callCompute(this.#engine, set, () => ({ method: "PUT", verb: "write", body, work }), OPERATOR);
    this.#engine.flow.spawn(outcome(write));
  }
}

/** A body with an image of another subscription needs a permission there, which only AKS has (Azure/AKS#1819). */
function checkImage({ id, subscription, virtualMachineProfile: { storageProfile } }: ScaleSet): void {
  const { imageReference: image } = storageProfile;
  if (!image || !("id" in image) || image.id.toLowerCase().startsWith(`/subscriptions/${subscription}/`)) return;
  const message =
    `The client has permission to perform action 'Microsoft.Compute/galleries/images/versions/read' on scope '${id}', ` +
    `however the current tenant is not authorized to access linked subscription '${image.id.split("/")[2]}'.`;
  throw new ArmError(403, { code: "LinkedAuthorizationFailed", message });
}
