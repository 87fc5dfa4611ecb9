import { expect, test } from "vitest";
import { type ArmFixture, makeArm } from "../../arm-fixture.ts";
import { putForeign } from "../../arm-requests.ts";

const MINUTE = 60_000;

/** Returns the accepted and refused requests of everyone but the test itself. */
function others({ arm }: ArmFixture): string[] {
  const entries = arm.journal.filter(({ who }) => who !== "tester");
  return entries.map(
    ({ who, method, action, status }) => `${who}: ${method} ${action.split("/").slice(1).join("/")} ${status}`,
  );
}

const AUTOSCALER_PUT = "cluster-autoscaler: PUT virtualMachineScaleSets/write 200";
const AUTOSCALER_DELETE = "cluster-autoscaler: POST virtualMachineScaleSets/delete/action 202";

test("the autoscaler scales out past AKS: new instances get the current model with foreign extensions", async () => {
  const arm = makeArm();
  await putForeign(arm);
  arm.events.length = 0;
  await arm.arm.actors.autoscale(arm.cluster.id, "win1", 5);
  expect([arm.cluster.state, arm.cluster.pools[0]?.state]).toEqual(["Succeeded", "Succeeded"]);
  await arm.clock.advance(10 * MINUTE);
  expect(arm.set.sku.capacity).toBe(5);
  expect(arm.cluster.pools[0]?.count).toBe(5);
  const carries = arm.set.instances.map(({ id, extensions }) => [id, extensions.some(({ name }) => name === "agent")]);
  expect(carries).toEqual([
    ["0", false],
    ["1", false],
    ["2", false],
    ["3", true],
    ["4", true],
  ]);
  expect(others(arm)).toEqual([AUTOSCALER_PUT]);
  expect(arm.arm.journal.at(-1)?.body).toEqual({
    location: "westeurope",
    sku: { name: "Standard_D4s_v5", tier: "Standard", capacity: 5 },
  });
  expect(arm.events.map(({ data }) => data["operationName"])).toEqual([
    "Microsoft.Compute/virtualMachineScaleSets/write",
  ]);
  expect(arm.clock.failures).toEqual([]);
});

test("the autoscaler scales in: it drains and deletes instances, and keeps the model", async () => {
  const arm = makeArm();
  await putForeign(arm);
  await arm.arm.actors.autoscale(arm.cluster.id, "win1", 1);
  await arm.clock.advance(10_000);
  expect(arm.set.instances.map(({ state }) => state)).toEqual(["Succeeded", "Succeeded", "Succeeded"]);
  await arm.clock.advance(10 * MINUTE);
  expect(arm.set.instances).toHaveLength(1);
  expect([arm.set.sku.capacity, arm.cluster.pools[0]?.count]).toEqual([1, 1]);
  expect(arm.set.virtualMachineProfile.extensionProfile.extensions).toHaveLength(3);
  expect(others(arm)).toEqual([AUTOSCALER_DELETE]);
});

test("the autoscaler works while AKS is stuck, and does nothing at the wanted size", async () => {
  const arm = makeArm();
  await arm.arm.actors.hold(arm.cluster.id);
  await arm.arm.actors.autoscale(arm.cluster.id, "win1", 3);
  await arm.arm.actors.autoscale(arm.cluster.id, "WIN1", 4);
  await arm.clock.advance(10 * MINUTE);
  expect(arm.set.instances).toHaveLength(4);
  expect(others(arm)).toEqual([AUTOSCALER_PUT]);
  await expect(arm.arm.actors.autoscale(arm.cluster.id, "win9", 4)).rejects.toThrow("no pool win9");
});

test("Azure evicts spot instances without a request or an event; a deletion lowers the capacity", async () => {
  const arm = makeArm();
  await arm.arm.actors.evict("akswin1", "0", "Deallocate");
  await arm.arm.actors.evict("akswin1", "1", "Delete");
  await arm.clock.advance(5 * MINUTE);
  expect(arm.set.instances.map(({ id, power }) => [id, power])).toEqual([
    ["0", "deallocated"],
    ["2", "running"],
  ]);
  expect([arm.set.sku.capacity, arm.cluster.pools[0]?.count, arm.set.state]).toEqual([2, 2, "Succeeded"]);
  expect(arm.arm.journal).toEqual([]);
  expect(arm.events).toEqual([]);
  await expect(arm.arm.actors.evict("akswin1", "1", "Delete")).rejects.toThrow("no instance akswin1/1");
});
