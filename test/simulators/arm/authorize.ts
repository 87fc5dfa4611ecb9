import type { Caller } from "./authenticate.ts";
import { ArmError } from "./http.ts";
import type { ArmWorld } from "./world.ts";

/** Throws ARM's error if an action is not allowed at the scope, or is denied there. */
export function authorize(world: ArmWorld, caller: Caller, action: string, scope: string): void {
  const who = `The client '${caller.oid}' with object id '${caller.oid}'`;
  const allowed = caller.assignments.some(
    (assignment) => isWithin(scope, assignment.scope) && assignment.actions.some((pattern) => covers(pattern, action)),
  );
  if (!allowed) {
    const message =
      `${who} does not have authorization to perform action '${action}' over scope '${scope}' or the scope is ` +
      "invalid. If access was recently granted, please refresh your credentials.";
    throw new ArmError(403, { code: "AuthorizationFailed", message });
  }
  const denied = action.endsWith("/read") ? undefined : lockdownOver(world, scope);
  if (denied === undefined) return;
  const message =
    `${who} has permission to perform action '${action}' on scope '${scope}'; however, the access is denied because ` +
    `of the deny assignment with name 'NRGLockdown' at scope '${denied}'.`;
  throw new ArmError(403, { code: "DenyAssignmentAuthorizationFailed", message });
}

/** Returns whether the caller started the operation: its status needs no permission then. */
export function isOwn({ operations }: ArmWorld, { oid }: Caller, path: string): boolean {
  return operations.some(({ id, owner }) => owner === oid && path.toLowerCase().endsWith(`/operations/${id}`));
}

/** Returns the node resource group that contains the scope and is locked down: AKS's deny assignment allows reads only. */
function lockdownOver({ clusters }: ArmWorld, scope: string): string | undefined {
  const locked = clusters.filter(({ restrictionLevel }) => restrictionLevel === "ReadOnly");
  return locked
    .map(({ subscription, nodeResourceGroup }) => `/subscriptions/${subscription}/resourceGroups/${nodeResourceGroup}`)
    .find((group) => isWithin(scope, group));
}

/** Returns whether a resource is the parent or is in it. */
export function isWithin(scope: string, parent: string): boolean {
  return `${scope}/`.toLowerCase().startsWith(`${parent.replace(/\/$/, "")}/`.toLowerCase());
}

/** Returns whether a role's action, in which `*` matches any text, allows an action. */
export function covers(pattern: string, action: string): boolean {
  return new RegExp(`^${pattern.replaceAll(".", "[.]").replaceAll("*", ".*")}$`, "i").test(action);
}
