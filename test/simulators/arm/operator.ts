import { findInstance } from "./actors/place.ts";
import { callCompute } from "./aks-calls.ts";
import type { Caller } from "./authenticate.ts";
import { isWithin } from "./authorize.ts";
import type { Engine } from "./engine.ts";
import { ArmError } from "./http.ts";
import { writeModel } from "./model-write.ts";
import { outcome } from "./operations.ts";
import { modelEntry } from "./resources/scale-sets.ts";
import { type Instance, type ModelExtension, same, type ScaleSet, type VmProfile } from "./world.ts";

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
    this.#putModel(scaleSet, (others) => [...others.filter(({ name }) => !same(name, extension.name)), extension]);
  }

  /** Deletes an extension as `az vmss extension delete` does, which also PUTs the whole model; throws a 404. */
  deleteExtension(scaleSet: string, extension: string): void {
    this.#putModel(scaleSet, (extensions) => {
      const kept = extensions.filter(({ name }) => !same(name, extension));
      if (kept.length < extensions.length) return kept;
      throw new ArmError(404, { code: "NotFound", message: `Extension ${extension} not found` });
    });
  }

  /** Changes the upgrade policy as `az vmss update --set` does, which also PUTs the whole model. */
  setUpgradePolicy(scaleSet: string, mode: ScaleSet["upgradePolicy"]["mode"]): void {
    this.#putModel(scaleSet, (extensions) => extensions, { mode });
  }

  /** Protects an instance, or ends that, as `az vmss update --instance-id` does: it PUTs all of the instance. */
  setProtection(scaleSet: string, id: string, protection: Partial<Instance["protection"]>): void {
    const { set, instance } = findInstance(this.#engine, scaleSet, id);
    checkImage(`${set.id}/virtualMachines/${id}`, instance.applied.profile);
    const body = { location: set.location, properties: { protectionPolicy: protection } };
    const work = async (): Promise<void> => void Object.assign(instance.protection, protection);
    const call = { method: "PUT", verb: "virtualMachines/write", under: `/virtualMachines/${id}`, body, work };
    this.#engine.flow.spawn(outcome(callCompute(this.#engine, set, () => call, OPERATOR)));
  }

  #putModel(
    scaleSet: string,
    change: (extensions: readonly ModelExtension[]) => readonly ModelExtension[],
    upgradePolicy?: ScaleSet["upgradePolicy"],
  ): void {
    const set = this.#engine.world.scaleSets.find(({ name }) => same(name, scaleSet));
    if (!set) throw new ArmError(404, { code: "ResourceNotFound", message: `no scale set ${scaleSet}` });
    checkImage(set.id, set.virtualMachineProfile);
    const { extensionProfile, ...profile } = set.virtualMachineProfile;
    const extensions = [...change(extensionProfile.extensions.map(modelEntry))];
    const virtualMachineProfile = { ...profile, extensionProfile: { ...extensionProfile, extensions } };
    const properties = { virtualMachineProfile, upgradePolicy: upgradePolicy ?? set.upgradePolicy };
    const work = async (): Promise<void> => {
      set.upgradePolicy = properties.upgradePolicy;
      await writeModel(this.#engine, set, { virtualMachineProfile });
    };
    const call = { method: "PUT", verb: "write", body: { location: set.location, properties }, work };
    this.#engine.flow.spawn(outcome(callCompute(this.#engine, set, () => call, OPERATOR)));
  }
}

/** A body with an image of another subscription needs a permission there, which only AKS has (Azure/AKS#1819). */
function checkImage(id: string, { storageProfile: { imageReference: image } }: VmProfile): void {
  const subscription = id.split("/").slice(0, 3).join("/");
  if (!image || !("id" in image) || isWithin(image.id, subscription)) return;
  const message =
    `The client has permission to perform action 'Microsoft.Compute/galleries/images/versions/read' on scope '${id}', ` +
    `however the current tenant is not authorized to access linked subscription '${image.id.split("/")[2]}'.`;
  throw new ArmError(403, { code: "LinkedAuthorizationFailed", message });
}
