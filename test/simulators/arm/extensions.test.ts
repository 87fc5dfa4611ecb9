import { expect, test } from "vitest";
import { makeArm, NODE_GROUP, SUBSCRIPTION } from "../arm-fixture.ts";
import type { ArmFixture } from "../arm-fixture.ts";
import { send, putForeign, upgradeInstances } from "../arm-requests.ts";
import { createDscHandler } from "../dsc-extension.ts";
import type { ExtensionResult } from "./extensions.ts";

const SET = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${NODE_GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/akswin1`;
const SETTINGS = {
  settings: { configuration: { url: "https://store.example/p.zip", script: "a.ps1", function: "Install" } },
  protectedSettings: { configurationUrlSasToken: "?sig=abc" },
};

function fine(): Promise<ExtensionResult> {
  return Promise.resolve({ ok: true, message: "fine" });
}

async function failing(cause: "package" | "download" | "agent", suppressFailures = true): Promise<ArmFixture> {
  const handler = createDscHandler({ durationMs: 30_000 });
  // Only the scripted run calls the real handler; the other runs have nothing to download.
  const run: typeof handler.run = (given) => (given.failure ? handler.run(given) : fine());
  const arm = makeArm({ handlers: { "contoso.agent": { ...handler, run } } });
  await putForeign(arm, { ...SETTINGS, suppressFailures });
  arm.arm.failExtension({ scaleSet: "akswin1", instanceId: "1", cause, times: 1 });
  await upgradeInstances(arm, "0", "1");
  return arm;
}

function shown({ set }: ArmFixture, id: string): [string | undefined, string] {
  const extension = set.instances.find((one) => one.id === id)?.extensions.find(({ name }) => name === "agent");
  return [extension?.state, extension?.message ?? ""];
}

test.each([
  ["package" as const, "DSC Configuration 'Install' completed with error(s)"],
  ["download" as const, "Error downloading https://store.example/p.zip?sig=abc after 29 attempts"],
])("shows a suppressed %s failure only on the instance", async (cause, message) => {
  const arm = await failing(cause);
  expect(shown(arm, "0")[0]).toBe("succeeded");
  expect(shown(arm, "1")).toEqual(["failed", expect.stringContaining(message)]);
  expect([arm.set.state, arm.set.instances[1]?.state]).toEqual(["Succeeded", "Succeeded"]);
  const view = await arm.compute.virtualMachineScaleSetVMs.getInstanceView(NODE_GROUP, "akswin1", "1");
  expect(view.extensions?.at(-1)?.statuses?.[0]).toMatchObject({
    code: "ProvisioningState/failed/1000",
    level: "Error",
  });
});

test("a failure that is not suppressed fails the instance, the operation and the scale set, and is in the event", async () => {
  const arm = await failing("package", false);
  expect(arm.set.state).toBe("Failed");
  expect(arm.set.instances.map(({ state }) => state)).toEqual(["Succeeded", "Failed", "Succeeded"]);
  expect(arm.arm.world.operations.at(-1)).toMatchObject({
    status: "Failed",
    error: { code: "VMExtensionProvisioningError", target: "1" },
  });
  expect(arm.events.at(-1)).toMatchObject({ eventType: "Microsoft.Resources.ResourceActionFailure" });
});

test("a scripted failure works with every handler", async () => {
  const arm = makeArm();
  await putForeign(arm);
  arm.arm.failExtension({ scaleSet: "akswin1", instanceId: "0", cause: "package", times: 1 });
  await upgradeInstances(arm, "0");
  expect(shown(arm, "0")).toEqual(["failed", "Enable failed: package."]);
});

test("an agent that does not report fails the operation after the time budget, even with suppressFailures", async () => {
  const arm = makeArm();
  await putForeign(arm, SETTINGS);
  arm.arm.failExtension({ scaleSet: "akswin1", instanceId: "1", cause: "agent", times: 1 });
  await arm.compute.virtualMachineScaleSets.updateInstances(NODE_GROUP, "akswin1", { instanceIds: ["1"] }).submitted();
  await arm.clock.advance(15 * 60_000);
  const view = await arm.compute.virtualMachineScaleSetVMs.getInstanceView(NODE_GROUP, "akswin1", "1");
  expect([view.extensions, view.vmAgent?.statuses?.[0]?.displayStatus]).toEqual([undefined, "Not Ready"]);
  expect(arm.set.state).toBe("Updating");
  await arm.clock.advance(2 * 60_000);
  expect(arm.set.state).toBe("Failed");
  expect(arm.arm.world.operations.at(-1)?.error?.code).toBe("VMExtensionProvisioningTimeout");
  await putForeign(arm, { ...SETTINGS, forceUpdateTag: "again" });
  await upgradeInstances(arm, "1");
  expect(shown(arm, "1")[0]).toBe("succeeded");
});

test("an extension runs after its dependencies, and fails if they fail", async () => {
  const order: string[] = [];
  const handler = (
    ok: boolean,
  ): { durationMs: number; run: (run: { type: string }) => Promise<{ ok: boolean; message: string }> } => ({
    durationMs: 60_000,
    run: ({ type }) => {
      order.push(type);
      return Promise.resolve({ ok, message: ok ? "fine" : "broken" });
    },
  });
  const handlers = { "contoso.agent": handler(true), "contoso.base": handler(false) };
  const arm = makeArm({ handlers });
  const base = { publisher: "Contoso", type: "Base", typeHandlerVersion: "1.0", suppressFailures: true };
  await send(arm.arm, "PUT", `${SET}/extensions/base`, { properties: base });
  await arm.clock.advance(1000);
  await putForeign(arm, { provisionAfterExtensions: ["base"] });
  await upgradeInstances(arm, "0");
  expect(order).toEqual(["Base"]);
  expect(shown(arm, "0")).toEqual(["failed", expect.stringContaining("since it depends upon the VM Extension 'base'")]);
  expect((await send(arm.arm, "DELETE", `${SET}/extensions/base`)).status).toBe(400);
});

async function slow(): Promise<{ ok: boolean; message: string; installed: string }> {
  await new Promise((resolve) => setTimeout(resolve, 30));
  return { ok: true, message: "fine", installed: "abc" };
}

async function orderWith(seed: number): Promise<string> {
  const arm = makeArm({ seed });
  await putForeign(arm);
  for (const instance of arm.set.instances) instance.extensions = [];
  await upgradeInstances(arm, "0");
  return arm.set.instances[0]?.extensions.map(({ name }) => name).join() ?? "";
}

test("extensions without dependencies run in an order that depends only on the seed", async () => {
  const orders = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(orderWith));
  expect(await orderWith(1)).toBe(orders[0]);
  expect(new Set(orders).size).toBeGreaterThan(1);
});

test("an extension is transitioning while its handler works, and the clock waits for the handler", async () => {
  const arm = makeArm({ handlers: { "contoso.agent": { durationMs: 120_000, run: slow } } });
  await putForeign(arm);
  await arm.compute.virtualMachineScaleSets.updateInstances(NODE_GROUP, "akswin1", { instanceIds: ["0"] }).submitted();
  await arm.clock.advance(60_000);
  expect(shown(arm, "0")[0]).toBe("transitioning");
  await arm.clock.advance(61_000);
  expect(shown(arm, "0")).toEqual(["succeeded", "fine"]);
  expect(arm.set.instances[0]?.extensions.at(-1)?.installed).toBe("abc");
  expect(arm.set.state).toBe("Succeeded");
});
