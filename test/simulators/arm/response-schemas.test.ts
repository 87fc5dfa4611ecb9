import { expect, test } from "vitest";
import { makeArm, NODE_GROUP, SUBSCRIPTION } from "../arm-fixture.ts";
import { send, putForeign } from "../arm-requests.ts";
import { CLUSTERS, EXTENSIONS, findSchemaErrors, POOLS, SETS, VIEWS, VMS } from "./response-schemas.ts";

const COMPUTE = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${NODE_GROUP}/providers/Microsoft.Compute`;
const AKS = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters`;
const SET = `${COMPUTE}/virtualMachineScaleSets/akswin1`;

test.each([
  [SETS, `${COMPUTE}/virtualMachineScaleSets`],
  [SETS, SET],
  [EXTENSIONS, `${SET}/extensions`],
  [EXTENSIONS, `${SET}/extensions/agent`],
  [VMS, `${SET}/virtualMachines?$expand=instanceView`],
  [VMS, `${SET}/virtualMachines/2?$expand=instanceView`],
  [CLUSTERS, `${AKS}/shop`],
  [POOLS, `${AKS}/shop/agentPools`],
  [POOLS, `${AKS}/shop/agentPools/win1`],
])("%s is the schema of %s", async (name, path) => {
  const arm = makeArm({ unknowns: { instanceViewShowsForceUpdateTag: true } });
  await putForeign(arm, { settings: { a: 1 }, forceUpdateTag: "t", protectedSettings: { b: 2 } });
  await arm.compute.virtualMachineScaleSets.updateInstances(NODE_GROUP, "akswin1", { instanceIds: ["2"] }).submitted();
  await arm.clock.advance(10_000);
  const { status, body } = await send(arm.arm, "GET", path);
  expect(status).toBe(200);
  expect(findSchemaErrors(name, body)).toEqual([]);
});

test.each(["marketplace", "shared", "community", "none"] as const)(
  "a model and instances with a %s image are valid against their schemas",
  async (imageForm) => {
    const { arm, clock, cluster } = makeArm();
    await arm.aks.upgrade(cluster.id, "win1", { image: "20348.9999", imageForm });
    await clock.advance(60 * 60_000);
    for (const [name, path] of [
      [SETS, SET],
      [VMS, `${SET}/virtualMachines/2`],
    ] as const) {
      expect(findSchemaErrors(name, (await send(arm, "GET", path)).body)).toEqual([]);
    }
  },
);

test("instance views are valid against their schema", async () => {
  const { arm } = makeArm();
  const { body } = await send(arm, "GET", `${SET}/virtualMachines/0/instanceView`);
  expect(findSchemaErrors(VIEWS, body)).toEqual([]);
});

test("reading an operation needs a permission, except for the caller that started it", async () => {
  const action = "Microsoft.Compute/virtualMachineScaleSets/extensions/write";
  const arm = makeArm({}, [action]);
  await putForeign(arm);
  const id = arm.arm.world.operations[0]?.id ?? "";
  const path = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Compute/locations/westeurope/operations/${id}`;
  expect(await send(arm.arm, "GET", path)).toMatchObject({ status: 200, body: { status: "Succeeded", name: id } });
  expect(await send(arm.arm, "GET", `${path}?monitor=true`)).toEqual({ status: 200, body: undefined });
  Object.assign(arm.arm.world.operations[0] ?? {}, { owner: "another principal" });
  expect((await send(arm.arm, "GET", path)).status).toBe(403);
});
