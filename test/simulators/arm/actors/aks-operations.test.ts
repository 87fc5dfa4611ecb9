import { describe, expect, test } from "vitest";
import { type ArmFixture, makeArm } from "../../arm-fixture.ts";
import { putForeign, upgradeInstances } from "../../arm-requests.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

function modelNames({ set }: ArmFixture): string[] {
  return set.virtualMachineProfile.extensionProfile.extensions.map(({ name }) => name);
}

function powers({ set }: ArmFixture): Record<string, string> {
  return Object.fromEntries(set.instances.map(({ id, power }) => [id, power]));
}

function aksWrites({ arm }: ArmFixture): string[] {
  const entries = arm.journal.filter(({ who, path }) => who === "AKS" && path.endsWith("/akswin1"));
  return entries.map(({ method, action }) => `${method} ${action.split("/").slice(2).join("/")}`);
}

async function withForeign(): Promise<ArmFixture> {
  const arm = makeArm();
  await putForeign(arm);
  await upgradeInstances(arm, "*");
  arm.events.length = 0;
  return arm;
}

describe("stop and start", () => {
  test.each([
    { keepForeign: false, model: ["vmssCSE", "akswin1-AKSWindowsBilling"] },
    { keepForeign: true, model: ["vmssCSE", "akswin1-AKSWindowsBilling", "agent"] },
  ])("of a cluster deallocate and start all instances; AKS writes its model, $keepForeign", async (expected) => {
    const arm = await withForeign();
    const { actors } = arm.arm;
    await actors.stopCluster(arm.cluster.id);
    expect(arm.cluster).toMatchObject({ state: "Stopping", pools: [{ state: "Stopping" }, { state: "Stopping" }] });
    await arm.clock.advance(10 * MINUTE);
    expect(arm.cluster).toMatchObject({
      state: "Succeeded",
      powerState: "Stopped",
      pools: [{ powerState: "Stopped", count: 3 }, { powerState: "Stopped" }],
    });
    expect(powers(arm)).toEqual({ "0": "deallocated", "1": "deallocated", "2": "deallocated" });
    await actors.startCluster(arm.cluster.id, { keepForeign: expected.keepForeign });
    expect(arm.cluster).toMatchObject({ state: "Starting", powerState: "Running" });
    await arm.clock.advance(10 * MINUTE);
    expect(arm.cluster).toMatchObject({
      state: "Succeeded",
      pools: [{ state: "Succeeded", powerState: "Running" }, {}],
    });
    expect(powers(arm)).toEqual({ "0": "running", "1": "running", "2": "running" });
    expect(modelNames(arm)).toEqual(expected.model);
    expect(aksWrites(arm)).toEqual(["POST deallocate/action", "PUT write", "POST start/action"]);
    expect(arm.clock.failures).toEqual([]);
  });

  test("of a pool can delete the instances: the pool keeps its count, and gets new ones", async () => {
    const arm = await withForeign();
    const { actors } = arm.arm;
    await actors.stopPool(arm.cluster.id, "win1", { instances: "delete" });
    await expect(arm.arm.aks.reconcile(arm.cluster.id, "sys")).rejects.toThrow("shop - Stopping");
    await arm.clock.advance(10 * MINUTE);
    expect(arm.cluster).toMatchObject({ powerState: "Running", pools: [{ powerState: "Stopped", count: 3 }, {}] });
    expect(powers(arm)).toEqual({});
    await actors.startPool(arm.cluster.id, "win1");
    await arm.clock.advance(10 * MINUTE);
    expect(powers(arm)).toEqual({ "3": "running", "4": "running", "5": "running" });
    expect(arm.set.sku.capacity).toBe(3);
    expect(arm.set.instances[0]?.extensions.map(({ name }) => name)).not.toContain("agent");
  });
});

describe("an operation that does not end", () => {
  test.each(["Succeeded", "Failed"] as const)("refuses others for days, and ends %s", async (state) => {
    const arm = makeArm();
    const { actors, aks } = arm.arm;
    await actors.hold(arm.cluster.id);
    await arm.clock.advance(3 * DAY);
    expect([arm.cluster.state, arm.cluster.pools[0]?.state]).toEqual(["Updating", "Succeeded"]);
    await expect(aks.scale(arm.cluster.id, "win1", 4)).rejects.toThrow("shop - Updating");
    await expect(actors.hold(arm.cluster.id, "win1")).rejects.toThrow("shop - Updating");
    await actors.release(arm.cluster.id, state);
    expect(arm.cluster.state).toBe(state);
    await expect(actors.release(arm.cluster.id, state)).rejects.toThrow("shop is not in an operation");
    await actors.hold(arm.cluster.id, "win1");
    expect([arm.cluster.state, arm.cluster.pools[0]?.state]).toEqual([state, "Updating"]);
    await actors.release(arm.cluster.id, "Succeeded", "win1");
    expect(arm.arm.journal).toEqual([]);
  });
});

describe("a changed vmssCSE", () => {
  test("does not run until an upgrade, which runs AKS's bootstrap again on a live node", async () => {
    const arm = await withForeign();
    const ran = (): unknown => arm.set.instances[0]?.extensions.find(({ name }) => name === "vmssCSE")?.ran.settings;
    await arm.arm.actors.rewriteBootstrap(arm.cluster.id, "win1", { change: "settings", keepForeign: true });
    expect(arm.cluster.pools[0]?.state).toBe("Updating");
    await arm.clock.advance(5 * MINUTE);
    expect(modelNames(arm)).toContain("agent");
    const timestamp = expect.any(Number);
    expect(arm.set.virtualMachineProfile.extensionProfile.extensions[0]?.properties.settings).toEqual({ timestamp });
    expect(ran()).toEqual({});
    expect(arm.arm.world.latestModelApplied(arm.set, arm.set.instances[0] ?? fail())).toBe(false);
    expect(arm.arm.world.violations).toEqual([]);
    await upgradeInstances(arm, "0");
    expect(ran()).toEqual({ timestamp });
    expect(arm.arm.world.violations).toMatchObject([{ instance: "0", text: expect.stringContaining("vmssCSE") }]);
    await arm.arm.aks.reconcile(arm.cluster.id, "win1");
    await arm.clock.advance(5 * MINUTE);
    await upgradeInstances(arm, "0");
    expect(arm.arm.world.violations).toHaveLength(1);
  });

  test.each([
    { protectedSettingsAloneRerun: false, violations: 0 },
    { protectedSettingsAloneRerun: true, violations: 1 },
  ])("in its protected settings shows nowhere, $protectedSettingsAloneRerun", async ({ violations, ...unknowns }) => {
    const arm = makeArm({ unknowns });
    const before = structuredClone(arm.set.virtualMachineProfile.extensionProfile.extensions[0]);
    await arm.arm.actors.rewriteBootstrap(arm.cluster.id, "win1", { change: "protectedSettings" });
    await arm.clock.advance(5 * MINUTE);
    const { properties } = arm.set.virtualMachineProfile.extensionProfile.extensions[0] ?? fail();
    expect(properties.settings).toEqual(before?.properties.settings);
    expect(properties.protectedSettings).not.toEqual(before?.properties.protectedSettings);
    await upgradeInstances(arm, "0");
    expect(arm.arm.world.violations).toHaveLength(violations);
  });
});

describe("a pool whose fresh nodes AKS restarts", () => {
  test("interrupts the extension that runs 15 s after vmssCSE; it begins again after the restart", async () => {
    const runs = { durationMs: 2 * MINUTE, run: async () => ({ ok: true, message: "done" }) };
    const handlers = { "contoso.agent": runs, "microsoft.aks.compute.aks.windows.billing": { ...runs, durationMs: 1 } };
    const arm = makeArm({ handlers });
    await putForeign(arm, { provisionAfterExtensions: ["vmssCSE", "akswin1-AKSWindowsBilling"] });
    await arm.arm.actors.restartFreshNodes(arm.cluster.id, "win1", true);
    await arm.arm.actors.autoscale(arm.cluster.id, "win1", 4);
    // Two minutes until it is created, 30 s vmssCSE; the agent would end 2 min later.
    await arm.clock.advance(3 * MINUTE);
    const fresh = arm.set.instances.at(-1) ?? fail();
    expect([fresh.boots, fresh.power]).toEqual([1, "running"]);
    const view = await arm.compute.virtualMachineScaleSetVMs.getInstanceView(arm.set.resourceGroup, "akswin1", "3");
    expect(view.vmAgent?.statuses?.[0]?.displayStatus).toBe("Not Ready");
    await arm.clock.advance(2 * MINUTE);
    const agent = (): string | undefined => fresh.extensions.find(({ name }) => name === "agent")?.state;
    expect(agent()).toBe("transitioning");
    await arm.clock.advance(MINUTE);
    expect(agent()).toBe("succeeded");
    expect(arm.set.instances.map(({ boots }) => boots)).toEqual([0, 0, 0, 1]);
    await arm.arm.actors.restartFreshNodes(arm.cluster.id, "win1", false);
    await arm.arm.actors.autoscale(arm.cluster.id, "win1", 5);
    await arm.clock.advance(10 * MINUTE);
    expect(arm.set.instances.at(-1)?.boots).toBe(0);
  });
});

function fail(): never {
  throw new Error("not found");
}
