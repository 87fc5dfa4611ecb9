import { describe, expect, test } from "vitest";
import { type ArmFixture, makeArm, NODE_GROUP, OID, SUBSCRIPTION } from "../../arm-fixture.ts";
import { send } from "../../arm-requests.ts";
import type { ExtensionPolicy } from "./state.ts";

const MINUTE = 60_000;
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${NODE_GROUP}`;
const SET = `${GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/akswin1`;
const AGENT = { publisher: "Contoso", type: "Agent", typeHandlerVersion: "1.0", settings: { a: 1 } };
const POLICY: ExtensionPolicy = { name: "tag it", type: "contoso.agent", effect: "modify" };
const CHANGE = { forceUpdateTag: "policy", settings: { b: 2 } };

function agent({ set }: ArmFixture): unknown {
  return set.virtualMachineProfile.extensionProfile.extensions.find(({ name }) => name === "agent")?.properties;
}

async function put(arm: ArmFixture, more: object = {}): Promise<{ status: number; body: unknown }> {
  const answer = await send(arm.arm, "PUT", `${SET}/extensions/agent`, { properties: { ...AGENT, ...more } });
  await arm.clock.advance(1000);
  return answer;
}

function writesOf({ arm }: ArmFixture, name: string): unknown[] {
  return arm.journal.filter(({ who }) => who === name).map(({ method, status }) => [method, status]);
}

describe("Azure Policy", () => {
  test("modify changes an extension in the request that writes it, until the assignment is removed", async () => {
    const arm = makeArm();
    await arm.arm.actors.assignPolicy({ ...POLICY, change: CHANGE });
    const answer = await put(arm, { protectedSettings: { key: "k" } });
    const changed = { ...AGENT, forceUpdateTag: "policy", settings: { a: 1, b: 2 } };
    expect(answer.body).toMatchObject({ properties: changed });
    expect(agent(arm)).toEqual({ ...changed, protectedSettings: { key: "k" } });
    await arm.arm.actors.removePolicy("tag it");
    await put(arm);
    expect(agent(arm)).toEqual(AGENT);
    expect(writesOf(arm, "Azure Policy")).toEqual([]);
  });

  test("deny refuses the request", async () => {
    const arm = makeArm();
    await arm.arm.actors.assignPolicy({ ...POLICY, effect: "deny" });
    const { status, body } = await put(arm);
    expect([status, body]).toMatchObject([403, { error: { code: "RequestDisallowedByPolicy", target: "agent" } }]);
    expect(agent(arm)).toBeUndefined();
  });

  test("deployIfNotExists writes the change ten minutes after each write, without protected settings", async () => {
    const arm = makeArm();
    await arm.arm.actors.assignPolicy({ ...POLICY, effect: "deployIfNotExists", change: CHANGE });
    await put(arm, { protectedSettings: { key: "k" } });
    await arm.clock.advance(9 * MINUTE);
    expect(agent(arm)).toMatchObject(AGENT);
    await arm.clock.advance(2 * MINUTE);
    expect(agent(arm)).toEqual({ ...AGENT, forceUpdateTag: "policy", settings: { a: 1, b: 2 } });
    await arm.clock.advance(60 * MINUTE);
    expect(writesOf(arm, "Azure Policy")).toEqual([["PUT", 200]]);
    expect(arm.events.at(-1)?.subject).toBe(`${SET}/extensions/agent`);
    await put(arm);
    await arm.clock.advance(11 * MINUTE);
    expect(writesOf(arm, "Azure Policy")).toHaveLength(2);
    expect(arm.clock.failures).toEqual([]);
  });

  test("remove deletes the extension after each write; a write of AKS triggers it too", async () => {
    const arm = makeArm({ unknowns: { scaleForeignExtensions: "keep" } });
    await put(arm);
    await arm.arm.actors.assignPolicy({ ...POLICY, effect: "remove", delayMs: MINUTE });
    await arm.clock.advance(30 * MINUTE);
    expect(agent(arm)).toBeDefined();
    await arm.arm.aks.scale(arm.cluster.id, "win1", 2);
    await arm.clock.advance(5 * MINUTE);
    expect(agent(arm)).toBeUndefined();
    expect(writesOf(arm, "Azure Policy")).toEqual([["DELETE", 202]]);
  });

  test("exempts a scale set by the resource ID of the assignment, which a denial names", async () => {
    const arm = makeArm();
    const { actors } = arm.arm;
    const id = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/policyAssignments/tag-it`;
    await actors.assignPolicy({ ...POLICY, effect: "deny" });
    expect(JSON.stringify((await put(arm)).body)).toContain(id);
    await expect(actors.exempt(`${id}2`, SET)).rejects.toThrow("is not found");
    await actors.exempt(id, `${SET}2`);
    expect((await put(arm)).status).toBe(403);
    await actors.exempt(id, SET);
    expect((await put(arm)).status).toBe(201);
  });

  test("a removed assignment deploys nothing, even after an earlier write", async () => {
    const arm = makeArm();
    await arm.arm.actors.assignPolicy({ ...POLICY, effect: "remove" });
    await put(arm);
    await arm.arm.actors.removePolicy(POLICY.name);
    await arm.clock.advance(30 * MINUTE);
    expect(agent(arm)).toEqual(AGENT);
  });
});

describe("a lock on the node resource group", () => {
  const scope = `${SET}/extensions/agent`;
  const refusal = (word: string): object => {
    const why = `because following scope(s) are locked: '${GROUP}'. Please remove the lock and try again.`;
    return { error: { code: "ScopeLocked", message: `The scope '${scope}' cannot perform ${word} operation ${why}` } };
  };

  test("ReadOnly refuses every write and allows reads", async () => {
    const arm = makeArm();
    await arm.arm.actors.lock(arm.cluster.id, "ReadOnly");
    expect(await put(arm)).toEqual({ status: 409, body: refusal("write") });
    expect(await send(arm.arm, "DELETE", scope)).toEqual({ status: 409, body: refusal("delete") });
    expect((await send(arm.arm, "POST", `${SET}/manualupgrade`, { instanceIds: ["0"] })).status).toBe(409);
    expect((await send(arm.arm, "GET", SET)).status).toBe(200);
    await arm.arm.actors.unlock(arm.cluster.id);
    expect((await put(arm)).status).toBe(201);
  });

  test("CanNotDelete refuses DELETE only, and applies to clients without a permission after the 403", async () => {
    const arm = makeArm();
    await put(arm);
    await arm.arm.actors.lock(arm.cluster.id, "ReadOnly");
    await arm.arm.actors.lock(arm.cluster.id, "CanNotDelete");
    expect((await put(arm)).status).toBe(201);
    expect(await send(arm.arm, "DELETE", scope)).toEqual({ status: 409, body: refusal("delete") });
    const reader = makeArm({}, ["*/read"]);
    await reader.arm.actors.lock(reader.cluster.id, "ReadOnly");
    expect((await put(reader)).status).toBe(403);
  });

  test("AKS refuses new operations, and one in progress fails", async () => {
    const arm = makeArm();
    const { aks, actors } = arm.arm;
    await aks.reconcile(arm.cluster.id, "win1");
    await actors.lock(arm.cluster.id, "ReadOnly");
    await arm.clock.advance(5 * MINUTE);
    expect([arm.cluster.state, arm.cluster.pools[0]?.state]).toEqual(["Failed", "Failed"]);
    expect(writesOf(arm, "AKS")).toEqual([["PUT", 409]]);
    await expect(aks.scale(arm.cluster.id, "win1", 5)).rejects.toThrow("is locked, please remove lock and retry");
    await expect(actors.stopCluster(arm.cluster.id)).rejects.toThrow("is locked");
    await actors.autoscale(arm.cluster.id, "win1", 5);
    await arm.clock.advance(5 * MINUTE);
    expect(writesOf(arm, "cluster-autoscaler")).toEqual([["PUT", 409]]);
    expect(arm.set.instances).toHaveLength(3);
    expect(arm.clock.failures).toEqual([]);
  });
});

describe("a role assignment", () => {
  test("can be taken away by one of its actions or by the name of its role, and given back", async () => {
    const roles = [
      { scope: GROUP, actions: ["Microsoft.Compute/*"], role: "Compute" },
      { scope: GROUP, actions: ["*/read"], role: "Reader" },
    ];
    const arm = makeArm({ principals: [{ oid: OID, name: "tester", assignments: roles }] });
    const { actors } = arm.arm;
    await actors.revokeRole("tester", { action: "Microsoft.Compute/virtualMachineScaleSets/extensions/write" });
    expect(await put(arm)).toMatchObject({ status: 403, body: { error: { code: "AuthorizationFailed" } } });
    expect((await send(arm.arm, "GET", SET)).status).toBe(200);
    await actors.revokeRole("tester", { role: "read" });
    expect((await send(arm.arm, "GET", SET)).status).toBe(403);
    await actors.restoreRoles("tester");
    expect((await put(arm)).status).toBe(201);
    await expect(actors.revokeRole("tester", { role: "Owner" })).rejects.toThrow("no role assignment of tester");
    await expect(actors.revokeRole("stranger", { role: "Reader" })).rejects.toThrow("no principal stranger");
  });

  test("can be added to a principal, unless a lock is on the scope", async () => {
    const arm = makeArm({ principals: [{ oid: OID, name: "tester", assignments: [] }] });
    const { actors } = arm.arm;
    const reader = { scope: GROUP, actions: ["*/read"], role: "Reader" };
    expect((await send(arm.arm, "GET", SET)).status).toBe(403);
    await actors.lock(arm.cluster.id, "ReadOnly");
    await expect(actors.assignRole(OID, reader)).rejects.toThrow("scope(s) are locked");
    const [lock = ""] = await actors.listLocks();
    await actors.deleteLock(lock);
    await expect(actors.deleteLock(lock)).rejects.toThrow("could not be found");
    await actors.assignRole(OID, reader);
    expect((await send(arm.arm, "GET", SET)).status).toBe(200);
    await expect(actors.assignRole("stranger", reader)).rejects.toThrow("Principal stranger does not exist");
  });
});

test("requests fail as scripted: by method and path, as often as said or until cleared", async () => {
  const arm = makeArm();
  const { actors } = arm.arm;
  const path = "*/virtualMachineScaleSets/akswin1/virtualMachines";
  await actors.failRequests({ method: "get", path, status: 500, code: "InternalServerError", times: 1 });
  expect((await send(arm.arm, "GET", SET)).status).toBe(200);
  expect(await send(arm.arm, "GET", `${SET}/virtualMachines`)).toMatchObject({
    status: 500,
    body: { error: { code: "InternalServerError" } },
  });
  expect((await send(arm.arm, "GET", `${SET}/virtualMachines`)).status).toBe(200);
  await actors.failRequests({ method: "GET", path: "*", status: 429, code: "TooManyRequests", retryAfter: 30 });
  for (let i = 0; i < 3; i++) expect((await send(arm.arm, "GET", SET)).status).toBe(429);
  expect((await put(arm)).status).toBe(201);
  await actors.clearFailures();
  expect((await send(arm.arm, "GET", SET)).status).toBe(200);
});
