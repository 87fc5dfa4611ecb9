import { expect, test } from "vitest";
import { makeArm } from "../arm-fixture.ts";
import type { ArmFixture } from "../arm-fixture.ts";
import { putForeign, upgradeInstances } from "../arm-requests.ts";

const MINUTE = 60_000;

function names({ set }: ArmFixture): string[] {
  return set.virtualMachineProfile.extensionProfile.extensions.map(({ name }) => name);
}

function onInstances({ set }: ArmFixture): Record<string, string> {
  return Object.fromEntries(
    set.instances.map(({ id, extensions }) => [id, extensions.find(({ name }) => name === "agent")?.state ?? "none"]),
  );
}

async function withForeign(options: Parameters<typeof makeArm>[0] = {}): Promise<ArmFixture> {
  const arm = makeArm(options);
  await putForeign(arm);
  await upgradeInstances(arm, "*");
  expect(onInstances(arm)).toEqual({ "0": "succeeded", "1": "succeeded", "2": "succeeded" });
  arm.events.length = 0;
  return arm;
}

test("reconcile removes a foreign extension from the model but not from the instances", async () => {
  const arm = await withForeign();
  await arm.arm.aks.reconcile(arm.cluster.id, "win1");
  expect(arm.cluster.state).toBe("Updating");
  await arm.clock.advance(2 * MINUTE);
  expect(arm.cluster.state).toBe("Succeeded");
  expect(names(arm)).toEqual(["vmssCSE", "akswin1-AKSWindowsBilling"]);
  expect(onInstances(arm)).toEqual({ "0": "succeeded", "1": "succeeded", "2": "succeeded" });
});

test("scaling out and in never uses an id twice, and new instances get AKS's model", async () => {
  const arm = await withForeign();
  const { aks } = arm.arm;
  await aks.scale(arm.cluster.id, "win1", 5);
  await expect(aks.scale(arm.cluster.id, "win1", 4)).rejects.toThrow("in progress");
  await arm.clock.advance(10 * MINUTE);
  expect(onInstances(arm)).toMatchObject({ "2": "succeeded", "3": "none", "4": "none" });
  await aks.scale(arm.cluster.id, "win1", 3);
  await arm.clock.advance(10 * MINUTE);
  await aks.scale(arm.cluster.id, "win1", 4);
  await arm.clock.advance(10 * MINUTE);
  expect(arm.set.instances.map(({ id, computerName }) => [id, computerName]).at(-1)).toEqual(["5", "akswin1000005"]);
  expect(arm.set.instances).toHaveLength(4);
  expect(arm.set.sku.capacity).toBe(4);
  expect(arm.cluster).toMatchObject({ state: "Succeeded", pools: [{ state: "Succeeded", count: 4 }, {}] });
  expect(arm.arm.journal.filter(({ who }) => who === "AKS").map(({ method }) => method)).toEqual([
    "PUT",
    "PUT",
    "POST",
    "PUT",
  ]);
});

test("two clusters can have pools with the same name", async () => {
  const { arm, clock, cluster, set } = makeArm();
  const pools = [{ name: "win1", os: "Windows" as const, count: 2, image: "20348.3000" }];
  const { subscription, location } = cluster;
  const other = arm.aks.addCluster({ subscription, resourceGroup: "rg2", name: "other", location, pools });
  await arm.aks.scale(other.id, "win1", 4);
  await clock.advance(10 * MINUTE);
  expect(set.instances).toHaveLength(3);
  expect(arm.world.scaleSets.at(-1)?.instances.map(({ ip }) => ip)).toEqual(
    ["4", "5", "6", "7"].map((n) => `10.240.0.${n}`),
  );
});

test("scaling to zero removes every instance", async () => {
  const arm = makeArm();
  await arm.arm.aks.scale(arm.cluster.id, "win1", 0);
  await arm.clock.advance(10 * MINUTE);
  expect(arm.set.instances).toEqual([]);
});

test("an upgrade reimages each instance in place, keeps id and vmId, and loses the foreign extension", async () => {
  const arm = await withForeign();
  const before = arm.set.instances.map(({ id, vmId }) => [id, vmId]);
  await arm.arm.aks.upgrade(arm.cluster.id, "win1", { image: "20348.9999" });
  await arm.clock.advance(4 * MINUTE);
  expect(arm.cluster.pools[0]?.state).toBe("Upgrading");
  expect(arm.set.instances.map(({ id }) => id)).toContain("3");
  await arm.clock.advance(60 * MINUTE);
  expect(arm.set.instances.map(({ id, vmId }) => [id, vmId])).toEqual(before);
  expect(arm.set.instances.map(({ image }) => image)).toEqual(["20348.9999", "20348.9999", "20348.9999"]);
  expect(onInstances(arm)).toEqual({ "0": "none", "1": "none", "2": "none" });
  expect(arm.set.instances[0]?.extensions.map(({ state }) => state)).toEqual(["succeeded", "succeeded"]);
  expect(arm.arm.world.violations).toEqual([]);
  expect(arm.events.map(({ eventType, data }) => data["operationName"] ?? eventType)).toEqual([
    "Microsoft.ContainerService.NodePoolRollingStarted",
    "Microsoft.Compute/virtualMachineScaleSets/write",
    "Microsoft.Compute/virtualMachineScaleSets/reimage/action",
    "Microsoft.Compute/virtualMachineScaleSets/reimage/action",
    "Microsoft.Compute/virtualMachineScaleSets/reimage/action",
    "Microsoft.Compute/virtualMachineScaleSets/delete/action",
    "Microsoft.ContainerService.NodePoolRollingSucceeded",
  ]);
});

test("instances can be deallocated, started and deleted", async () => {
  const arm = await withForeign();
  const { aks } = arm.arm;
  await aks.deallocate("akswin1", "0");
  await arm.clock.advance(5 * MINUTE);
  const view = await arm.compute.virtualMachineScaleSetVMs.getInstanceView(arm.set.resourceGroup, "akswin1", "0");
  expect(view.statuses?.map(({ code }) => code)).toEqual(["PowerState/deallocated"]);
  expect(view.extensions).toBeUndefined();
  await aks.start("akswin1", "0");
  await aks.deleteInstance("akswin1", "1");
  await arm.clock.advance(5 * MINUTE);
  expect(onInstances(arm)).toEqual({ "0": "succeeded", "2": "succeeded" });
  expect(arm.set.instances[0]?.power).toBe("running");
  expect(arm.cluster.pools[0]?.count).toBe(2);
});
