import { expect, test } from "vitest";
import { makeArm } from "../arm-fixture.ts";
import type { ArmFixture } from "../arm-fixture.ts";
import { putForeign, upgradeInstances } from "../arm-requests.ts";
import { MINUTE } from "./effects.ts";
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

test("an operator may not write a model with an image of AKS's subscription", async () => {
  const { arm } = await install();
  expect(() => arm.arm.operator.setExtension("akswin1", OTHER)).toThrow("linked subscription '109a5e88");
  expect(secrets(arm)).toMatchObject({ agent: { b: 2 } });
});
