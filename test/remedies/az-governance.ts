import { rolesOf } from "../deployed/deployment.ts";
import { isWithin } from "../simulators/arm/authorize.ts";
import { same } from "../simulators/arm/world.ts";
import { DEPLOYED } from "../world.ts";
import { type AzCall, type AzCommands, AzError, choice, one } from "./az-command.ts";

const LOCK = "/providers/Microsoft.Authorization/locks/";

/** Roles, locks and exemptions from policies. */
export const GOVERNANCE_COMMANDS: AzCommands = {
  "role assignment create": {
    options: {
      "assignee-object-id": "required",
      "assignee-principal-type": "required",
      role: "required",
      scope: "required",
    },
    run: assignRole,
  },
  "role definition list": {
    options: { "custom-role-only": "optional" },
    run: async (call) => {
      const isCustom = choice(call, "custom-role-only", ["true", "false"]) === "true";
      const roles = [...rolesOf(DEPLOYED)].map(([name, { role }]) => ({ name, roleName: role }));
      return roles.filter(({ roleName }) => !isCustom || /\(\w+\)$/.test(roleName));
    },
  },
  "lock list": { options: { "resource-group": "optional", resource: "optional" }, run: listLocks },
  "lock delete": {
    options: { ids: "list" },
    run: async ({ world, options }) => {
      for (const id of options.get("ids") ?? []) await world.arm.actors.deleteLock(id);
    },
  },
  "policy exemption create": {
    options: { name: "required", "policy-assignment": "required", "exemption-category": "required", scope: "required" },
    run: async (call) => {
      const exemptionCategory = choice(call, "exemption-category", ["Waiver", "Mitigated"]);
      const [policyAssignmentId, scope, name] = [one(call, "policy-assignment"), one(call, "scope"), one(call, "name")];
      await call.world.arm.actors.exempt(policyAssignmentId, scope);
      const id = `${scope}/providers/Microsoft.Authorization/policyExemptions/${name}`;
      return { id, name, exemptionCategory, policyAssignmentId };
    },
  },
};

/** Assigns a role by its name or GUID. The principal type spares the real one a query of Entra ID. */
async function assignRole(call: AzCall): Promise<unknown> {
  const principalType = choice(call, "assignee-principal-type", ["ServicePrincipal", "User", "Group"]);
  const [principalId, role, scope] = [one(call, "assignee-object-id"), one(call, "role"), one(call, "scope")];
  const found = [...rolesOf(DEPLOYED)].find(([guid, each]) => same(guid, role) || same(each.role, role));
  if (!found) throw new AzError(`Role '${role}' doesn't exist.`);
  await call.world.arm.actors.assignRole(principalId, { scope, ...found[1] });
  return { principalId, principalType, roleDefinitionName: found[1].role, scope };
}

/** Lists the locks of the subscription, of a resource group, or those that apply to a resource. */
async function listLocks(call: AzCall): Promise<unknown> {
  const { arm, cluster } = call.world;
  const [group, resource] = [one(call, "resource-group"), one(call, "resource")];
  if (group !== "" && resource !== "") throw new AzError("--resource-group is not modelled with --resource", 2);
  const inGroup = `/subscriptions/${cluster.subscription}/resourceGroups/${group}`;
  const isShown = (scope: string): boolean =>
    resource === "" ? group === "" || isWithin(scope, inGroup) : isWithin(resource, scope);
  const ids = await arm.actors.listLocks();
  const locks = ids.map((id) => ({ id, scope: id.slice(0, id.indexOf(LOCK)), name: id.split("/").at(-1) ?? "" }));
  return locks.filter(({ scope }) => isShown(scope)).map(({ id, name }) => ({ id, name, level: name }));
}
