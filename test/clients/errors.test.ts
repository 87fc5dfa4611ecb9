import { afterEach, describe, expect, test, vi } from "vitest";
import { CallError, runCall, describeFailure, toCallError } from "../../shared/clients/errors.ts";
import { NOW } from "../build.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** Returns an error like those of the Azure SDKs. */
function restError(
  statusCode: number,
  code = "Code",
  message = "ARM's words",
  headers: Record<string, string> = {},
): Error {
  return Object.assign(new Error(message), { statusCode, code, response: { headers: new Headers(headers) } });
}

function denied(action: string): string {
  return `The client 'c' does not have authorization to perform action '${action}' over scope '/s' or the scope is invalid.`;
}

function networkError(code: string): Error {
  return Object.assign(new Error("no answer"), { code });
}

describe("fault", () => {
  test.each([
    [400, "bug"],
    [401, "denied"],
    [403, "denied"],
    [404, "not-found"],
    [408, "transient"],
    [409, "conflict"],
    [412, "conflict"],
    [429, "throttled"],
    [500, "transient"],
    [503, "transient"],
  ] as const)("status %i is %s", (status, fault) => {
    expect(toCallError("call", restError(status)).fault).toBe(fault);
  });

  test.each(["ECONNRESET", "ENOTFOUND", "ETIMEDOUT", "REQUEST_SEND_ERROR", "UND_ERR_SOCKET"])(
    "%s is transient",
    (code) => {
      expect(toCallError("call", networkError(code)).fault).toBe("transient");
    },
  );

  test.each([
    { what: "an abort", error: new DOMException("aborted", "AbortError"), fault: "transient" },
    { what: "a timeout", error: new DOMException("too long", "TimeoutError"), fault: "transient" },
    { what: "a missing token", error: named("CredentialUnavailableError"), fault: "transient" },
    { what: "a programming error", error: new TypeError("x is undefined"), fault: "bug" },
    { what: "a thrown text", error: "text", fault: "bug" },
    { what: "undefined", error: undefined, fault: "bug" },
  ])("$what is $fault", ({ error, fault }) => {
    expect(toCallError("call", error).fault).toBe(fault);
  });
});

describe("Retry-After", () => {
  test.each([
    { when: "in seconds", value: "17", ms: 17_000 },
    { when: "a date", value: new Date(NOW + 30_000).toUTCString(), ms: 30_000 },
    { when: "a date in the past", value: new Date(NOW - 30_000).toUTCString(), ms: 0 },
    { when: "an invalid value", value: "soon", ms: undefined },
    { when: "empty", value: "", ms: undefined },
  ])("$when", ({ value, ms }) => {
    vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
    expect(toCallError("call", restError(429, "Throttled", "", { "retry-after": value })).retryAfterMs).toBe(ms);
  });

  test("is undefined without the header", () => {
    expect(toCallError("call", restError(429)).retryAfterMs).toBeUndefined();
    expect(toCallError("call", networkError("ECONNRESET")).retryAfterMs).toBeUndefined();
  });
});

describe("message", () => {
  test("has the call, the code and the message of the service, and the error keeps the cause", () => {
    const cause = restError(409, "OperationNotAllowed", "another operation runs");
    const error = toCallError("put extension akswin1", cause);
    expect(error.message).toBe("put extension akswin1: OperationNotAllowed: another operation runs");
    expect(error).toMatchObject({ name: "CallError", code: "OperationNotAllowed", cause });
  });

  test("does not repeat the code, and is never empty", () => {
    expect(toCallError("call", restError(409, "Busy", "Busy: wait")).message).toBe("call: Busy: wait");
    expect(new CallError("call", "conflict", {}).message).toBe("call: conflict");
  });

  test("hides secrets", () => {
    const text = "failed: https://x.blob.core.windows.net/c/a.zip?sig=planted, Bearer planted";
    expect(toCallError("call", restError(400, "Bad", text)).message).not.toContain("planted");
  });

  test.each([
    { action: "Microsoft.Compute/virtualMachineScaleSets/extensions/write", role: "node-resource-group.json" },
    { action: "Microsoft.ContainerService/managedClusters/read", role: "cluster.json" },
    { action: "Microsoft.Storage/storageAccounts/x/action", role: "package.json" },
    { action: "Microsoft.Network/x/read", role: "a role that allows it" },
  ])("names the missing permission $action and the role that grants it", ({ action, role }) => {
    const { message } = toCallError("call", restError(403, "AuthorizationFailed", denied(action)));
    expect(message).toContain(`The app's identity lacks the permission ${action}. Assign`);
    expect(message).toContain(role);
    expect(message).toContain("does not have authorization");
  });

  test.each([
    {
      code: "ScopeLocked",
      text: "The scope '/s/vmss' cannot perform write operation because following scope(s) are locked: '/s/mc'. Please remove the lock and try again.",
      says: /A lock on \/s\/mc refuses.*az lock list --resource \/s\/mc/,
    },
    {
      code: "RequestDisallowedByPolicy",
      text: 'Resource was disallowed by policy. Policy identifiers: \'[{"policyAssignment":{"name":"no dsc","id":"/s/policyAssignments/p"}}]\'.',
      says: /Azure Policy refuses the call by the assignment \/s\/policyAssignments\/p\..*az policy exemption create/,
    },
    { code: "ReadOnlyDisabledSubscription", text: "read only", says: /The subscription is disabled/ },
    { code: "ResourceGroupBeingDeleted", text: "deleting", says: /Remove the cluster from AKS_CLUSTER_IDS/ },
    { code: "MissingSubscriptionRegistration", text: "no", says: /az provider register/ },
    { code: "NotSupported", text: "no", says: /does not support the call/ },
  ])("$code, which ARM answers with 409, is denied, and says what to do", ({ code, text, says }) => {
    const { fault, message } = toCallError("call", restError(409, code, text));
    expect(fault).toBe("denied");
    expect(message).toMatch(says);
  });

  test("of LinkedAuthorizationFailed names the missing permission and its scope", () => {
    const text =
      "The client 'c' has permission to perform action 'Microsoft.Compute/virtualMachineScaleSets/write' on scope '/s/set'; " +
      "however, it does not have permission to perform action(s) 'Microsoft.Network/x/join/action' on the linked scope(s) '/s/net'.";
    const { message } = toCallError("call", restError(403, "LinkedAuthorizationFailed", text));
    expect(message).toContain("lacks the permission Microsoft.Network/x/join/action on /s/net. Assign a role");
  });

  test("explains a deny assignment as a locked resource group", () => {
    const text =
      "(DenyAssignmentAuthorizationFailed) The client has permission to perform action 'Microsoft.Compute/x'";
    const { message } = toCallError("call", restError(403, "DenyAssignmentAuthorizationFailed", text));
    expect(message).toMatch(/node resource group is locked.*--nrg-lockdown-restriction-level Unrestricted/);
    expect(message).not.toContain("lacks the permission");
  });

  test("is that of the service for any other 403", () => {
    expect(toCallError("call", restError(403, "Forbidden", "no")).message).toBe("call: Forbidden: no");
  });
});

describe("runCall", () => {
  test("returns the result", async () => {
    expect(await runCall("call", () => Promise.resolve(7))).toBe(7);
  });

  test("rejects with a CallError, and does not wrap a CallError again", async () => {
    await expect(runCall("outer", () => Promise.reject(restError(404)))).rejects.toMatchObject({ fault: "not-found" });
    const inner = new CallError("inner", "denied", { text: "no" });
    await expect(runCall("outer", () => Promise.reject(inner))).rejects.toBe(inner);
  });
});

test("a failure as data has no cause and no undefined property", () => {
  expect(describeFailure(restError(503, "Busy", "later"))).toStrictEqual({
    fault: "transient",
    code: "Busy",
    message: "pass: Busy: later",
  });
  const throttled = restError(429, "Throttled", "wait", { "retry-after": "5" });
  expect(describeFailure(throttled)).toStrictEqual({
    fault: "throttled",
    code: "Throttled",
    message: "pass: Throttled: wait",
    retryAfterMs: 5000,
  });
});

function named(name: string): Error {
  return Object.assign(new Error("no token"), { name });
}
