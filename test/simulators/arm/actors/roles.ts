import type { Assignment, Principal } from "../authenticate.ts";
import { covers } from "../authorize.ts";
import type { Engine } from "../engine.ts";
import { ArmError } from "../http.ts";
import { same } from "../world.ts";
import { checkLocks } from "./locks.ts";

/** Which role assignments of a principal are meant: those whose role has an action, or has a text in its name. */
export type RoleChoice = { action: string } | { role: string };

/** Takes away role assignments of a principal, with every action of their roles; throws a 404 if there is none. */
export function revoke(engine: Engine, principalName: string, choice: RoleChoice): void {
  const { name, assignments } = principalNamed(engine, principalName);
  const chosen = assignments.filter((assignment) => isChosen(assignment, choice));
  for (const each of chosen) engine.actors.revoked.add(each);
  if (chosen.length > 0) return;
  const message = `no role assignment of ${name} with ${JSON.stringify(choice)}`;
  throw new ArmError(404, { code: "NotFound", message });
}

/** Gives a principal back all assignments that were taken away. */
export function restore(engine: Engine, principalName: string): void {
  for (const each of principalNamed(engine, principalName).assignments) engine.actors.revoked.delete(each);
}

/** Assigns a role to a principal; throws a 400 if there is no such principal, and the 409 of a lock on the scope. */
export function assign(engine: Engine, oid: string, assignment: Assignment): void {
  checkLocks(engine, "PUT", assignment.scope);
  if (!engine.principals.some((principal) => same(principal.oid, oid))) {
    const message = `Principal ${oid} does not exist in the directory.`;
    throw new ArmError(400, { code: "PrincipalNotFound", message });
  }
  engine.actors.assigned.push({ oid, assignment });
}

/** Returns the principals with the assignments that they have now. */
export function currentPrincipals({ principals, actors }: Engine): readonly Principal[] {
  return principals.map((principal) => ({
    ...principal,
    assignments: [
      ...principal.assignments.filter((each) => !actors.revoked.has(each)),
      ...actors.assigned.flatMap(({ oid, assignment }) => (same(oid, principal.oid) ? [assignment] : [])),
    ],
  }));
}

function isChosen({ actions, role }: Assignment, choice: RoleChoice): boolean {
  if ("action" in choice) return actions.some((pattern) => covers(pattern, choice.action));
  return role?.toLowerCase().includes(choice.role.toLowerCase()) ?? false;
}

function principalNamed({ principals }: Engine, principalName: string): Principal {
  const found = principals.find(({ name }) => same(name, principalName));
  if (found) return found;
  throw new ArmError(404, { code: "NotFound", message: `no principal ${principalName}` });
}
