import * as v from "valibot";
import { action } from "../action.ts";
import { choice, count, duration, flag, object, Refusal, text } from "../input.ts";
import type { Sandbox } from "../sandbox.ts";
import { defined } from "./pools.ts";

const METHODS = ["GET", "PUT", "POST", "DELETE"] as const;
const EFFECTS = ["modify", "deny", "deployIfNotExists", "remove"] as const;
const FAILURE = {
  method: "GET",
  path: "*/akswin1/virtualMachines",
  status: 500,
  code: "InternalServerError",
  times: 3,
} as const;
const DSC = "Microsoft.Powershell.DSC";

/** What governs Azure: locks, policies, roles, limits, failures, events, and how long the extension takes. */
export const AZURE_ACTIONS = [
  action({
    path: "/world/cluster/lock",
    says: ({ level }) => `An operator locks the node resource group: ${level}`,
    buttons: { "Lock the node resource group": {} },
    example: { level: "ReadOnly" },
    holds: ({ level }) => ["lock", `the node resource group is locked (${level})`],
    body: { level: choice(["ReadOnly", "CanNotDelete"]) },
    run: ({ world: { arm, cluster } }, { level }) => arm.actors.lock(cluster.id, level),
  }),
  action({
    path: "/world/cluster/unlock",
    says: () => "An operator removes the lock",
    buttons: { "Remove the lock": {} },
    example: {},
    holds: () => ["lock", undefined],
    body: {},
    run: ({ world: { arm, cluster } }) => arm.actors.unlock(cluster.id),
  }),
  action({
    path: "/world/policies/{name}/assign",
    says: ({ name, effect, type }) => `An operator assigns the policy ${name}: ${effect} ${type}`,
    buttons: { "Deny the extension by policy": {} },
    example: { name: "no-dsc", type: DSC, effect: "deny" },
    holds: ({ name, effect, type }) => [`policy ${name}`, `policy ${name}: ${effect} ${type}`],
    body: { type: text(), effect: choice(EFFECTS), change: v.optional(object()), delay: v.optional(duration()) },
    run: ({ world: { arm } }, { change, delay, ...policy }) => {
      const changes = policy.effect === "modify" || policy.effect === "deployIfNotExists";
      if (changes && !change) throw new Refusal(400, "change: found undefined, expected an object");
      return arm.actors.assignPolicy({
        ...policy,
        ...defined({ change: changes ? change : undefined, delayMs: delay }),
      });
    },
  }),
  action({
    path: "/world/policies/{name}/remove",
    says: ({ name }) => `An operator removes the policy ${name}`,
    buttons: { "Remove the policy": {} },
    example: { name: "no-dsc" },
    holds: ({ name }) => [`policy ${name}`, undefined],
    body: {},
    run: ({ world: { arm } }, { name }) => arm.actors.removePolicy(name),
  }),
  action({
    path: "/world/principals/{principal}/revoke",
    says: ({ principal }) => `A role is taken away from ${principal}`,
    buttons: { "Take a role away": {} },
    example: { principal: "app", role: "scale sets" },
    holds: ({ principal }) => [`roles ${principal}`, `${principal} lacks a role`],
    body: { action: v.optional(text()), role: v.optional(text()) },
    run: ({ world: { arm } }, { principal, action, role }) => {
      if ((action === undefined) === (role === undefined)) throw new Refusal(400, "expected either action or role");
      return arm.actors.revokeRole(principal, role === undefined ? { action: action ?? "" } : { role });
    },
  }),
  action({
    path: "/world/principals/{principal}/restore",
    says: ({ principal }) => `${principal} gets its roles back`,
    buttons: { "Give it back": {} },
    example: { principal: "app" },
    holds: ({ principal }) => [`roles ${principal}`, undefined],
    body: {},
    run: ({ world: { arm } }, { principal }) => arm.actors.restoreRoles(principal),
  }),
  action({
    path: "/world/throttle",
    says: ({ retryAfter }) => `Azure Resource Manager throttles every request: retry after ${retryAfter} s`,
    buttons: { Throttle: {} },
    example: { retryAfter: 60 },
    holds: () => ["failures", "ARM throttles every request"],
    body: { retryAfter: count(0), times: v.optional(count(1)) },
    run: throttle,
  }),
  action({
    path: "/world/failures",
    says: ({ method, path, status }) => `Azure Resource Manager answers ${method} ${path} with ${status}`,
    buttons: { "Fail requests": {} },
    example: FAILURE,
    holds: ({ method, path, status }) => ["failures", `ARM answers ${method} ${path} with ${status}`],
    body: {
      method: choice(METHODS),
      path: text(),
      status: count(400),
      code: text(),
      message: v.optional(text()),
      retryAfter: v.optional(count(0)),
      times: v.optional(count(1)),
    },
    run: ({ world: { arm } }, { method, path, status, code, ...rest }) =>
      arm.actors.failRequests({ method, path, status, code, ...defined(rest) }),
  }),
  action({
    path: "/world/failures/clear",
    says: () => "Azure Resource Manager answers as usual",
    buttons: { "Answer as usual": {} },
    example: {},
    holds: () => ["failures", undefined],
    body: {},
    run: ({ world: { arm } }) => arm.actors.clearFailures(),
  }),
  action({
    path: "/world/extension",
    says: ({ duration }) => `The extension of the app takes ${duration} on an instance`,
    buttons: { "Slow installations": {}, "Usual installations": { duration: "PT2M" } },
    example: { duration: "PT10M" },
    body: { duration: duration() },
    run: ({ world: { dsc } }, { duration }) => {
      dsc.durationMs = duration;
    },
  }),
  action({
    path: "/world/events",
    says: ({ deliver }) => (deliver ? "Event Grid delivers events" : "Event Grid loses every event"),
    buttons: { "Lose events": {}, "Deliver events": { deliver: true } },
    example: { deliver: false },
    holds: ({ deliver }) => ["events", deliver ? undefined : "Event Grid loses every event"],
    body: { deliver: flag() },
    run: ({ world: { events } }, { deliver }) => {
      events.arm.deliver = deliver;
      events.aks.deliver = deliver;
    },
  }),
];

async function throttle(
  { world: { arm } }: Sandbox,
  { retryAfter, times }: { readonly retryAfter: number; readonly times?: number | undefined },
): Promise<void> {
  const refusal = { path: "*", status: 429, code: "TooManyRequests", message: "Too many requests.", retryAfter };
  for (const method of METHODS) await arm.actors.failRequests({ method, ...refusal, ...defined({ times }) });
}
