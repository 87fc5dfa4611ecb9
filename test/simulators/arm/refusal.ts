import type { Fault } from "./fault.ts";
import type { ErrorBody } from "./http.ts";
import { CONFLICT, PREEMPTED } from "./operations.ts";
import type { Call } from "./route.ts";

/** The error without its code, from the request. */
type Wording = (call: Call) => Omit<ErrorBody, "code">;

/** The errors that only a person can remove, in the wording that users quoted. Only that of NotSupported is our own. */
export const FOR_A_PERSON = {
  ScopeLocked: ({ method, url, names }) => {
    const what = `cannot perform ${method === "DELETE" ? "delete" : "write"} operation`;
    const group = `/subscriptions/${names["sub"]}/resourceGroups/${names["group"]}`;
    const why = `following scope(s) are locked: '${group}'. Please remove the lock and try again.`;
    return { message: `The scope '${url.pathname}' ${what} because ${why}` };
  },
  ReadOnlyDisabledSubscription: ({ names }) => ({
    message:
      `The subscription '${names["sub"]}' is disabled and therefore marked as read only. You cannot perform any ` +
      "write actions on this subscription until it is re-enabled.",
  }),
  ResourceGroupBeingDeleted: ({ names }) => ({
    message: `The resource group '${names["group"]}' is in deprovisioning state and cannot perform this operation.`,
  }),
  MissingSubscriptionRegistration: ({ action }) => {
    const [target = ""] = action.split("/");
    const how = "See https://aka.ms/rps-not-found for how to register subscriptions.";
    const message = `The subscription is not registered to use namespace '${target}'. ${how}`;
    return { message, details: [{ code: "MissingSubscriptionRegistration", target, message }] };
  },
  NotSupported: ({ names }) => ({
    message: `The operation is not supported on Virtual Machine Scale Set '${names["set"]}'.`,
  }),
  RequestDisallowedByPolicy: ({ names }) => {
    const target = names["extension"] ?? names["set"] ?? "";
    const scope = `/subscriptions/${names["sub"]}/providers/Microsoft.Authorization`;
    const name = "Only approved VM extensions should be installed";
    const policyAssignment = { name, id: `${scope}/policyAssignments/approved-extensions` };
    const policyDefinition = { name, id: `${scope}/policyDefinitions/approved-extensions` };
    const identifiers = JSON.stringify([{ policyAssignment, policyDefinition }]);
    return { target, message: `Resource '${target}' was disallowed by policy. Policy identifiers: '${identifiers}'.` };
  },
  LinkedAuthorizationFailed: ({ caller: { oid }, action, url, names }) => {
    const identity = `/subscriptions/${names["sub"]}/resourceGroups/shared/providers/Microsoft.ManagedIdentity`;
    const linked = `on the linked scope(s) '${identity}/userAssignedIdentities/kubelet'`;
    const message =
      `The client '${oid}' with object id '${oid}' has permission to perform action '${action}' on scope ` +
      `'${url.pathname}'; however, it does not have permission to perform action ` +
      `'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' ${linked} or the linked scope(s) are invalid.`;
    return { message };
  },
} satisfies Readonly<Record<string, Wording>>;

/** The errors that pass by themselves, in the wording that users quoted. */
export const PASSING = {
  OperationNotAllowed: ({ names }) => ({
    message:
      `Operation 'Update Virtual Machine Scale Set' is not allowed on Virtual Machine Scale Set '${names["set"]}' ` +
      "since it is marked for deletion. For more information on your operations, please refer to " +
      "https://aka.ms/activitylog.",
  }),
  OperationPreempted: () => PREEMPTED,
  Conflict: () => CONFLICT,
  AttachDiskWhileBeingDetached: ({ names }) => ({
    message:
      `Cannot attach data disk 'data' to virtual machine '${names["set"]}_0' because the disk is currently being ` +
      "detached or the last detach operation failed. Please wait until the disk is completely detached, and then try " +
      "again or delete/detach the disk explicitly again.",
  }),
  ConflictingConcurrentWriteNotAllowed: () => ({
    message: "The operation was interrupted by a conflicting concurrent write on the same entity. Please retry later.",
  }),
} satisfies Readonly<Record<string, Wording>>;

const WORDINGS = { ...FOR_A_PERSON, ...PASSING };
const FORBIDDEN: ReadonlySet<string> = new Set(["RequestDisallowedByPolicy", "LinkedAuthorizationFailed"]);

/** Returns a fault that refuses requests with an error of Azure: by default, one write on Compute. */
export function refusal(
  code: keyof typeof WORDINGS,
  { match = isComputeWrite, times = 1 }: Partial<Pick<Fault, "match" | "times">> = {},
): Fault {
  const wording: Wording = WORDINGS[code];
  const status = FORBIDDEN.has(code) ? 403 : 409;
  return { match, times, reply: (call) => ({ status, body: { error: { ...wording(call), code } } }) };
}

function isComputeWrite(method: string, path: string): boolean {
  return method !== "GET" && path.toLowerCase().includes("/microsoft.compute/");
}
