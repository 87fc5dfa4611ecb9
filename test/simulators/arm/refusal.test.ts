import { RestError } from "@azure/core-rest-pipeline";
import { describe, expect, test } from "vitest";
import { makeArm, NODE_GROUP, SUBSCRIPTION } from "../arm-fixture.ts";
import { putForeign, send } from "../arm-requests.ts";
import { SET } from "./effects.ts";
import { FOR_A_PERSON, PASSING, refusal } from "./refusal.ts";

const PUT = { properties: { publisher: "Contoso", type: "Agent", typeHandlerVersion: "1.0" } };
const AGENT = `${SET}/extensions/agent`;
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${NODE_GROUP}`;
const CODES = Object.keys({ ...FOR_A_PERSON, ...PASSING }) as Parameters<typeof refusal>[0][];

test.each([
  [
    "ScopeLocked" as const,
    409,
    `'${AGENT}' cannot perform write operation because following scope(s) are locked: '${GROUP}'`,
  ],
  ["ReadOnlyDisabledSubscription" as const, 409, `The subscription '${SUBSCRIPTION}' is disabled`],
  ["ResourceGroupBeingDeleted" as const, 409, `The resource group '${NODE_GROUP}' is in deprovisioning state`],
  ["MissingSubscriptionRegistration" as const, 409, "not registered to use namespace 'Microsoft.Compute'"],
  ["RequestDisallowedByPolicy" as const, 403, "Resource 'agent' was disallowed by policy"],
  [
    "LinkedAuthorizationFailed" as const,
    403,
    "action 'Microsoft.Compute/virtualMachineScaleSets/extensions/write' on scope",
  ],
  ["OperationNotAllowed" as const, 409, "Virtual Machine Scale Set 'akswin1' since it is marked for deletion"],
])("refuses a write with %s", async (code, status, words) => {
  const { arm, set } = makeArm();
  arm.faults.push(refusal(code));
  const message: unknown = expect.stringContaining(words);
  expect(await send(arm, "PUT", AGENT, PUT)).toMatchObject({ status, body: { error: { code, message } } });
  expect(set.virtualMachineProfile.extensionProfile.extensions).toHaveLength(2);
});

describe.each(CODES)("%s", (code) => {
  test("has its code for the SDK, and a message", async () => {
    const arm = makeArm();
    arm.arm.faults.push(refusal(code));
    const error: unknown = await putForeign(arm).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RestError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(/ .*[.]$/) as unknown });
  });

  test("refuses as many writes as configured, and no reads", async () => {
    const { arm, clock } = makeArm();
    arm.faults.push(refusal(code, { times: 2 }));
    const statuses: number[] = [];
    for (const method of ["GET", "PUT", "PUT", "PUT"]) {
      statuses.push((await send(arm, method, method === "GET" ? SET : AGENT, PUT)).status);
      await clock.advance(1000);
    }
    expect(statuses.map((status) => status < 300)).toEqual([true, false, false, true]);
  });
});

test("a refusal can match other requests", async () => {
  const { arm } = makeArm();
  arm.faults.push(refusal("ResourceGroupBeingDeleted", { match: (method) => method === "GET" }));
  expect((await send(arm, "GET", SET)).status).toBe(409);
});

test("names the missing action of a linked scope second", async () => {
  const { arm } = makeArm();
  arm.faults.push(refusal("LinkedAuthorizationFailed"));
  const { body } = await send(arm, "PUT", AGENT, PUT);
  expect([...JSON.stringify(body).matchAll(/perform action '([^']+)'/g)].map(([, action]) => action)).toEqual([
    "Microsoft.Compute/virtualMachineScaleSets/extensions/write",
    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
  ]);
});
