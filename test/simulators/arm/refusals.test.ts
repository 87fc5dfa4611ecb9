import { describe, expect, test } from "vitest";
import { makeArm, NODE_GROUP, SUBSCRIPTION, token } from "../arm-fixture.ts";
import { send } from "../arm-requests.ts";

const SET = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${NODE_GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/akswin1`;
const EXTENSION = { properties: { publisher: "Contoso", type: "Agent", typeHandlerVersion: "1.0" } };

describe("authentication and authorization", () => {
  test.each([
    ["no token", "", 401],
    ["a token for another audience", `Bearer ${token({ aud: "https://storage.azure.com" })}`, 401],
    ["an expired token", `Bearer ${token({ exp: 1000 })}`, 401],
    ["an unknown principal", `Bearer ${token({ oid: "unknown" })}`, 401],
    ["a principal without role assignments", `Bearer ${token({ oid: "unassigned" })}`, 403],
  ])("rejects %s", async (_what, authorization, status) => {
    const { arm } = makeArm();
    const url = `https://management.azure.com${SET}?api-version=2026-04-01`;
    const answer = await arm.handle({ method: "GET", url, headers: { authorization }, body: undefined });
    expect(answer.status).toBe(status);
    expect("www-authenticate" in answer.headers).toBe(status === 401);
  });

  test.each([
    ["GET", "", undefined, "virtualMachineScaleSets/read"],
    ["GET", "/virtualMachines", undefined, "virtualMachineScaleSets/virtualMachines/read"],
    ["PUT", "/extensions/agent", EXTENSION, "virtualMachineScaleSets/extensions/write"],
    ["DELETE", "/extensions/agent", undefined, "virtualMachineScaleSets/extensions/delete"],
    ["POST", "/manualupgrade", { instanceIds: ["0"] }, "virtualMachineScaleSets/manualUpgrade/action"],
  ])("rejects %s %s without the permission", async (method, path, body, action) => {
    const { arm } = makeArm({}, ["Microsoft.ContainerService/*"]);
    const answer = await send(arm, method, SET + path, body);
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ error: { code: "AuthorizationFailed" } });
    expect(JSON.stringify(answer.body)).toContain(`perform action 'Microsoft.Compute/${action}' over scope`);
    const allowed = makeArm({}, [`Microsoft.Compute/${action}`]);
    expect((await send(allowed.arm, method, SET + path, body)).status).toBeLessThan(300);
  });

  test("rejects $expand=instanceView without its own permission", async () => {
    const { arm } = makeArm({}, ["Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read"]);
    expect((await send(arm, "GET", `${SET}/virtualMachines`)).status).toBe(200);
    expect((await send(arm, "GET", `${SET}/virtualMachines?$expand=instanceView`)).status).toBe(403);
  });

  test("rejects writes in a node resource group with lockdown", async () => {
    const { arm, cluster } = makeArm();
    cluster.restrictionLevel = "ReadOnly";
    const answer = await send(arm, "PUT", `${SET}/extensions/agent`, EXTENSION);
    expect(answer).toMatchObject({ status: 403, body: { error: { code: "DenyAssignmentAuthorizationFailed" } } });
    expect((await send(arm, "GET", SET)).status).toBe(200);
  });
});

describe("validation", () => {
  test.each([
    ["an unknown property", { properties: { ...EXTENSION.properties, colour: "red" } }, "InvalidRequestContent"],
    [
      "a full build number",
      { properties: { ...EXTENSION.properties, typeHandlerVersion: "1.0.0.1" } },
      "InvalidParameter",
    ],
    [
      "a missing dependency",
      { properties: { ...EXTENSION.properties, provisionAfterExtensions: ["x"] } },
      "BadRequest",
    ],
    [
      "a second extension of one handler",
      { properties: { publisher: "Microsoft.Compute", type: "CustomScriptExtension", typeHandlerVersion: "1.10" } },
      "MultipleExtensionsPerHandlerNotAllowed",
    ],
  ])("rejects %s", async (_what, body, code) => {
    const { arm } = makeArm();
    expect(await send(arm, "PUT", `${SET}/extensions/agent`, body)).toMatchObject({
      status: 400,
      body: { error: { code } },
    });
  });

  test("rejects a whole batch that names an instance that does not exist", async () => {
    const { arm, set } = makeArm();
    const answer = await send(arm, "POST", `${SET}/manualupgrade`, { instanceIds: ["0", "9"] });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "InvalidParameter" } } });
    expect(set.state).toBe("Succeeded");
  });

  test.each([
    [`${SET}x`, "ResourceNotFound"],
    [SET.replace(NODE_GROUP, "gone"), "ResourceGroupNotFound"],
    [SET.replace(NODE_GROUP, "gone").replace("/akswin1", ""), "ResourceGroupNotFound"],
    [`${SET}/extensions/agent`, "NotFound"],
  ])("GET %s returns 404 %s", async (path, code) => {
    const { arm } = makeArm();
    expect(await send(arm, "GET", path)).toMatchObject({ status: 404, body: { error: { code } } });
  });

  test.each([
    ["GET", `${SET}/virtualMachines/77`, 404],
    ["PUT", SET, 501],
    ["PATCH", `${SET}/extensions/agent`, 501],
    ["GET", `${SET}/virtualMachines?$filter=x`, 501],
    ["POST", `${SET}/reapply`, 501],
    ["GET", `${SET}/instanceView`, 501],
  ])("%s %s returns %i", async (method, path, status) => {
    const { arm } = makeArm();
    expect((await send(arm, method, path)).status).toBe(status);
  });

  test("rejects a request without api-version", async () => {
    const { arm } = makeArm();
    const headers = { authorization: `Bearer ${token()}` };
    const answer = await arm.handle({
      method: "GET",
      url: `https://management.azure.com${SET}`,
      headers,
      body: undefined,
    });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("MissingApiVersionParameter");
  });
});

describe("throttling and faults", () => {
  test("throttles the writes on a scale set for a minute", async () => {
    const { arm, clock } = makeArm({ throttle: 2 });
    const write = async (): Promise<number> => {
      const { status } = await send(arm, "PUT", `${SET}/extensions/agent`, EXTENSION);
      await clock.advance(1000);
      return status;
    };
    expect([await write(), await write(), await write()]).toEqual([201, 201, 429]);
    expect((await send(arm, "GET", SET)).status).toBe(200);
    await clock.advance(60_000);
    expect(await write()).toBe(201);
  });

  test("returns a scripted fault as many times as configured", async () => {
    const { arm } = makeArm();
    arm.faults.push({ match: (method) => method === "GET", times: 1, status: 503, headers: { "retry-after": "7" } });
    expect((await send(arm, "GET", SET)).status).toBe(503);
    expect((await send(arm, "GET", SET)).status).toBe(200);
  });
});
