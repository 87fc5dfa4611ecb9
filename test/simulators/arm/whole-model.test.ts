import { expect, test } from "vitest";
import { makeArm } from "../arm-fixture.ts";
import type { ArmFixture } from "../arm-fixture.ts";
import { putForeign, send, upgradeInstances } from "../arm-requests.ts";
import { MINUTE, SET } from "./effects.ts";
import type { ExtensionHandler } from "./extensions.ts";

const BILLING = "akswin1-AKSWindowsBilling";
const OTHER = {
  name: "monitor",
  properties: { publisher: "Contoso", type: "Monitor", typeHandlerVersion: "1.0", protectedSettings: { c: 3 } },
};

/** Installs a foreign extension with a secret; `ran` contains the secrets of its runs, by instance. */
async function install(options: Parameters<typeof makeArm>[0] = {}): Promise<{ arm: ArmFixture; ran: unknown[] }> {
  const ran: unknown[] = [];
  const run: ExtensionHandler["run"] = async ({ protectedSettings, instance }) => {
    ran.push([instance.id, protectedSettings]);
    return { ok: true, message: "fine" };
  };
  const arm = makeArm({ handlers: { "contoso.agent": { durationMs: 1000, run } }, ...options });
  await putForeign(arm, { settings: { a: 1 }, protectedSettings: { b: 2 } });
  await upgradeInstances(arm, "0");
  expect(ran).toEqual([["0", { b: 2 }]]);
  return { arm, ran };
}

function secrets({ set }: ArmFixture): unknown {
  const { extensions } = set.virtualMachineProfile.extensionProfile;
  return Object.fromEntries(extensions.map(({ name, properties }) => [name, properties.protectedSettings]));
}

test("AKS keeps a foreign extension without its secret, and a new instance runs it without", async () => {
  const { arm, ran } = await install({ unknowns: { scaleForeignExtensions: "keep" } });
  await arm.arm.aks.scale(arm.cluster.id, "win1", 4);
  await arm.clock.advance(10 * MINUTE);
  expect(secrets(arm)).toMatchObject({ agent: undefined, vmssCSE: { commandToExecute: "…" } });
  expect(ran.slice(1)).toEqual([["3", undefined]]);
});

test("an operator who sets an extension removes the secrets of the others", async () => {
  const { arm } = await install();
  arm.set.virtualMachineProfile.storageProfile.imageReference = { communityGalleryImageId: "/communityGalleries/x" };
  arm.arm.operator.setExtension("akswin1", OTHER);
  await arm.clock.advance(1000);
  expect(secrets(arm)).toEqual({ agent: undefined, vmssCSE: undefined, monitor: { c: 3 }, [BILLING]: undefined });
  expect(arm.arm.journal.at(-1)).toMatchObject({ who: "az", method: "PUT", path: arm.set.id, status: 200 });
  expect(JSON.stringify(arm.arm.journal)).not.toContain('"c":3');
  expect(arm.events.at(-1)?.subject).toBe(arm.set.id);
});

test("an operator may not write a model or an instance with an image of AKS's subscription", async () => {
  const { arm } = await install();
  const { operator } = arm.arm;
  const refusal = "linked subscription '109a5e88";
  expect(() => operator.setExtension("akswin1", OTHER)).toThrow(refusal);
  expect(() => operator.deleteExtension("akswin1", "agent")).toThrow(refusal);
  expect(() => operator.setUpgradePolicy("akswin1", "Automatic")).toThrow(refusal);
  expect(() => operator.setProtection("akswin1", "0", { protectFromScaleSetActions: true })).toThrow(refusal);
  expect(secrets(arm)).toMatchObject({ agent: { b: 2 } });
});

test("an operator may write models and instances with another image", async () => {
  const arm = makeArm();
  const { operator } = arm.arm;
  await arm.arm.aks.upgrade(arm.cluster.id, "win1", { image: "20348.3001", imageForm: "community" });
  await arm.clock.advance(60 * MINUTE);
  await putForeign(arm);
  operator.setUpgradePolicy("akswin1", "Automatic");
  await arm.clock.advance(1000);
  operator.deleteExtension("akswin1", "agent");
  await arm.clock.advance(1000);
  operator.setProtection("akswin1", "0", { protectFromScaleSetActions: true });
  await arm.clock.advance(1000);
  expect(Object.keys(secrets(arm) as object)).toEqual(["vmssCSE", BILLING]);
  expect(arm.set.upgradePolicy).toEqual({ mode: "Automatic" });
  expect(arm.set.instances[0]?.protection.protectFromScaleSetActions).toBe(true);
  expect(() => operator.deleteExtension("akswin1", "agent")).toThrow("Extension agent not found");
});

test("a body with only the upgrade policy or the protection needs no permission on the image", async () => {
  const arm = makeArm();
  const protect = { location: "westeurope", properties: { protectionPolicy: { protectFromScaleSetActions: true } } };
  const automatic = { properties: { upgradePolicy: { mode: "Automatic" } } };
  expect((await send(arm.arm, "PATCH", SET, automatic)).status).toBe(200);
  await arm.clock.advance(1000);
  expect((await send(arm.arm, "PUT", `${SET}/virtualMachines/0`, protect)).status).toBe(200);
  await arm.clock.advance(1000);
  expect(arm.set.upgradePolicy).toEqual({ mode: "Automatic" });
  expect(arm.set.instances[0]?.protection).toEqual({ protectFromScaleIn: false, protectFromScaleSetActions: true });
});

test.each([
  ["PATCH", "", {}],
  ["PATCH", "", { properties: { upgradePolicy: { mode: "Manual" }, overprovision: true } }],
  ["PUT", "/virtualMachines/0", { properties: { protectionPolicy: { protectFromScaleIn: true } } }],
  ["PUT", "/virtualMachines/0", { location: "westeurope", properties: { protectionPolicy: { other: true } } }],
])("%s %s with %j is not modelled", async (method, under, body) => {
  expect((await send(makeArm().arm, method, `${SET}${under}`, body)).status).toBe(501);
});
