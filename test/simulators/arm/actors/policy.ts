import { callCompute } from "../aks-calls.ts";
import { isWithin } from "../authorize.ts";
import type { Engine } from "../engine.ts";
import { ArmError } from "../http.ts";
import type { JournalEntry } from "../journal.ts";
import { writeModel } from "../model-write.ts";
import { outcome } from "../operations.ts";
import { typeOf } from "../scripted-failures.ts";
import { type ModelExtension, same, type ScaleSet } from "../world.ts";
import { POLICY } from "./callers.ts";
import { isMerged, merge } from "./merge.ts";
import type { ExtensionPolicy } from "./state.ts";

const TEN_MINUTES = 10 * 60_000;

/** Returns an extension as the assigned policies change it in the request that writes it; throws the 403 of a denial. */
export function applyPolicies({ actors }: Engine, extension: ModelExtension): ModelExtension {
  const policies = actors.policies.filter(({ type }) => same(type, typeOf(extension)));
  const denied = policies.find(({ effect }) => effect === "deny");
  if (denied) throw disallowed(extension.name, denied);
  return policies
    .filter(({ effect }) => effect === "modify")
    .reduce((written, { change }) => ({ ...written, properties: merge(written.properties, change ?? {}) }), extension);
}

/** Schedules the deployments of the assigned policies after an accepted write of a model. */
export function watchWrites(engine: Engine, { action, method, path, status }: JournalEntry): void {
  if (method !== "PUT" || status >= 300 || !/\/virtualMachineScaleSets(\/extensions)?\/write$/i.test(action)) return;
  const set = engine.world.scaleSets.find(({ id }) => isWithin(path, id));
  const deploying = engine.actors.policies.filter(
    ({ effect }) => effect === "deployIfNotExists" || effect === "remove",
  );
  for (const policy of set ? deploying : []) {
    if (set) engine.flow.spawn(outcome(remediate(engine, set, policy)));
  }
}

/** Evaluates the model after the delay, and deploys if an extension does not comply. */
async function remediate(engine: Engine, set: ScaleSet, policy: ExtensionPolicy): Promise<void> {
  // The write itself has ended by then.
  await engine.flow.wait((policy.delayMs ?? TEN_MINUTES) + 2 * engine.durations.modelWrite);
  if (!engine.actors.policies.includes(policy)) return;
  const { extensions } = set.virtualMachineProfile.extensionProfile;
  const matching = extensions.filter((extension) => same(typeOf(extension), policy.type));
  for (const extension of matching) {
    const complies = policy.effect !== "remove" && isMerged(extension.properties, policy.change ?? {});
    if (!complies) await deploy(engine, set, policy, extension.name);
  }
}

/** Writes or deletes the extension. A template cannot read protectedSettings, so the extension loses them. */
async function deploy(engine: Engine, set: ScaleSet, { effect, change }: ExtensionPolicy, name: string): Promise<void> {
  await callCompute(
    engine,
    set,
    () => {
      const { extensionProfile, ...profile } = set.virtualMachineProfile;
      const written = extensionProfile.extensions.flatMap((extension) => {
        if (!same(extension.name, name)) return [extension];
        const { protectedSettings: _hidden, ...shown } = extension.properties;
        return effect === "remove" ? [] : [{ name: extension.name, properties: merge(shown, change ?? {}) }];
      });
      const work = async (): Promise<void> => {
        const virtualMachineProfile = { ...profile, extensionProfile: { ...extensionProfile, extensions: written } };
        await writeModel(engine, set, { virtualMachineProfile }, engine.unknowns.extensionPutBumpsEtag);
      };
      const { properties } = written.find((extension) => same(extension.name, name)) ?? {};
      const [method, verb] = effect === "remove" ? ["DELETE", "extensions/delete"] : ["PUT", "extensions/write"];
      return { under: `/extensions/${name}`, method, verb, body: properties && { properties }, work };
    },
    POLICY,
  );
}

function disallowed(target: string, { name }: ExtensionPolicy): ArmError {
  const identifiers = JSON.stringify([{ policyAssignment: { name }, policyDefinition: { name } }]);
  const message = `Resource '${target}' was disallowed by policy. Policy identifiers: '${identifiers}'.`;
  return new ArmError(403, { code: "RequestDisallowedByPolicy", message, target });
}
