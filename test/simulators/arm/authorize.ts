import type { Principal } from "./authenticate.ts";
import { ArmError } from "./http.ts";
import { same } from "./world.ts";
import type { ArmWorld } from "./world.ts";

/** Refuses, with ARM's own words, an action that no assignment at the scope or above it allows. */
export function authorize(principal: Principal, action: string, scope: string): void {
  const { oid } = principal;
  const allowed = principal.assignments.some(
    (assignment) => isWithin(scope, assignment.scope) && assignment.actions.some((pattern) => covers(pattern, action)),
  );
  if (allowed) return;
  const message =
    `The client '${oid}' with object id '${oid}' does not have authorization to perform action '${action}' over scope ` +
    `'${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`;
  throw new ArmError(403, { code: "AuthorizationFailed", message });
}

/** Node resource group lockdown: AKS's deny assignment lets others read only. */
export function denyLockedDown(world: ArmWorld, principal: Principal, action: string, scope: string): void {
  if (action.endsWith("/read")) return;
  const cluster = world.clusters.find(
    ({ subscription, nodeResourceGroup, restrictionLevel }) =>
      restrictionLevel === "ReadOnly" &&
      isWithin(scope, `/subscriptions/${subscription}/resourceGroups/${nodeResourceGroup}`),
  );
  if (!cluster) return;
  const { oid } = principal;
  const message =
    `The client '${oid}' with object id '${oid}' has permission to perform action '${action}' on scope '${scope}'; ` +
    "however, the access is denied because of the deny assignment with name " +
    `'NRGLockdown' at scope '/subscriptions/${cluster.subscription}/resourceGroups/${cluster.nodeResourceGroup}'.`;
  throw new ArmError(403, { code: "DenyAssignmentAuthorizationFailed", message });
}

function isWithin(scope: string, parent: string): boolean {
  const [inner, outer] = [scope.toLowerCase(), parent.toLowerCase().replace(/\/$/, "")];
  return same(inner, outer) || inner.startsWith(`${outer}/`);
}

function covers(pattern: string, action: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join(".*")}$`, "i").test(action);
}
