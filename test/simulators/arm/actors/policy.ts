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
import { checkLocks } from "./locks.ts";
import { isMerged, merge } from "./merge.ts";
import type { ExtensionPolicy } from "./state.ts";

const TEN_MINUTES = 10 * 60_000;

/**
 * Returns an extension of a scale set as the assigned policies change it in the request that writes it; throws the 403
 * of a denial.
 */
export function applyPolicies(engine: Engine, set: ScaleSet, extension: ModelExtension): ModelExtension {
  const policies = policiesOn(engine, set).filter(({ type }) => same(type, typeOf(extension)));
  const denied = policies.find(({ effect }) => effect === "deny");
  if (denied) throw disallowed(set, extension.name, denied);
  return policies
    .filter(({ effect }) => effect === "modify")
    .reduce((written, { change }) => ({ ...written, properties: merge(written.properties, change ?? {}) }), extension);
}

/** Schedules the deployments of the assigned policies after an accepted write of a model. */
export function watchWrites(engine: Engine, { action, method, path, status }: JournalEntry): void {
  if (method !== "PUT" || status >= 300 || !/\/virtualMachineScaleSets(\/extensions)?\/write$/i.test(action)) return;
  const set = engine.world.scaleSets.find(({ id }) => isWithin(path, id));
  if (!set) return;
  for (const policy of policiesOn(engine, set)) {
    const isDeploying = policy.effect === "deployIfNotExists" || policy.effect === "remove";
    if (isDeploying) engine.flow.spawn(outcome(remediate(engine, set, policy)));
  }
}

/** Exempts a scope from a policy, by the resource ID of its assignment; throws a 404 if there is none. */
export function exempt(engine: Engine, assignmentId: string, scope: string): void {
  checkLocks(engine, "PUT", scope);
  const found = engine.actors.policies.find(({ name }) => same(assignmentIdOf(scope, name), assignmentId));
  if (!found) {
    const message = `The policy assignment '${assignmentId}' is not found.`;
    throw new ArmError(404, { code: "PolicyAssignmentNotFound", message });
  }
  engine.actors.exemptions.push({ policy: found.name, scope });
}

/** Returns the assigned policies that a scale set is not exempt from. */
function policiesOn({ actors }: Engine, { id }: ScaleSet): readonly ExtensionPolicy[] {
  const exemptions = actors.exemptions.filter(({ scope }) => isWithin(id, scope));
  return actors.policies.filter(({ name }) => exemptions.every(({ policy }) => policy !== name));
}

/** Returns the resource ID of the assignment of a policy, in the subscription of a scope. */
function assignmentIdOf(scope: string, name: string): string {
  const subscription = scope.split("/").slice(0, 3).join("/");
  return `${subscription}/providers/Microsoft.Authorization/policyAssignments/${name.replaceAll(" ", "-")}`;
}

/** Evaluates the model after the delay, and deploys if an extension does not comply. */
async function remediate(engine: Engine, set: ScaleSet, policy: ExtensionPolicy): Promise<void> {
  // The write itself has ended by then.
  await engine.flow.wait((policy.delayMs ?? TEN_MINUTES) + 2 * engine.durations.modelWrite);
  if (!policiesOn(engine, set).includes(policy)) return;
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

function disallowed(set: ScaleSet, target: string, { name }: ExtensionPolicy): ArmError {
  const policyAssignment = { name, id: assignmentIdOf(set.id, name) };
  const identifiers = JSON.stringify([{ policyAssignment, policyDefinition: { name } }]);
  const message = `Resource '${target}' was disallowed by policy. Policy identifiers: '${identifiers}'.`;
  return new ArmError(403, { code: "RequestDisallowedByPolicy", message, target });
}
