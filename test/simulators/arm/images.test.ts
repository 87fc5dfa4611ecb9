import { expect, test } from "vitest";
import { makeArm } from "../arm-fixture.ts";
import type { ArmFixture } from "../arm-fixture.ts";
import { putForeign, send, upgradeInstances } from "../arm-requests.ts";
import { MINUTE, SET } from "./effects.ts";
import type { ImageForm } from "./images.ts";

async function upgradeTo(imageForm: ImageForm): Promise<ArmFixture> {
  const arm = makeArm();
  await arm.arm.aks.upgrade(arm.cluster.id, "win1", { image: "20348.9999", imageForm });
  await arm.clock.advance(60 * MINUTE);
  return arm;
}

/** Returns the images of the model and of the first instance, as responses show them. */
async function imagesOf({ arm }: ArmFixture): Promise<readonly unknown[]> {
  const [model, instance] = await Promise.all([send(arm, "GET", SET), send(arm, "GET", `${SET}/virtualMachines/0`)]);
  return [
    (model.body as Shown).properties.virtualMachineProfile?.storageProfile.imageReference,
    (instance.body as Shown).properties.storageProfile?.imageReference,
  ];
}

type Storage = { storageProfile: { imageReference?: unknown } };
type Shown = { properties: { virtualMachineProfile?: Storage } & Partial<Storage> };

const LATEST = {
  publisher: "microsoft-aks",
  offer: "aks-windows",
  sku: "windows-2022-containerd-gen2",
  version: "latest",
};
const VERSIONED = "AKS-Windows/images/windows-2022-containerd-gen2/versions/20348.9999";

test.each([
  [
    "gallery" as const,
    { id: expect.stringMatching(/galleries[/]AKSWindows[/]images[/].*[/]versions[/]20348[.]9999$/) },
  ],
  ["marketplace" as const, LATEST],
  ["shared" as const, { sharedGalleryImageId: `/sharedGalleries/${VERSIONED}` }],
  ["community" as const, { communityGalleryImageId: `/communityGalleries/${VERSIONED}` }],
])("shows a %s image, and the exact version on the instance", async (form, image) => {
  expect(await imagesOf(await upgradeTo(form))).toEqual([image, { ...image, exactVersion: "20348.9999" }]);
});

test("shows no image if the model has none", async () => {
  expect(await imagesOf(await upgradeTo("none"))).toEqual([undefined, undefined]);
});

test("the specification of a pool can name the form", () => {
  const { arm, cluster } = makeArm();
  const pools = [{ name: "w", os: "Windows" as const, count: 1, image: "20348.1", imageForm: "marketplace" as const }];
  arm.aks.addCluster({ ...cluster, name: "other", nodeResourceGroup: "MC_other", pools });
  const set = arm.world.scaleSets.at(-1);
  expect(set?.virtualMachineProfile.storageProfile.imageReference).toEqual(LATEST);
  expect(set?.instances.map(({ image }) => image)).toEqual(["20348.1"]);
});

test("a new marketplace version reaches new instances only, and an upgrade to `latest` replaces no disk", async () => {
  const arm = await upgradeTo("marketplace");
  const { world, aks } = arm.arm;
  for (const name of Object.keys(world.marketplace)) world.marketplace[name] = "20348.10000";
  await putForeign(arm);
  await upgradeInstances(arm, "*");
  await aks.scale(arm.cluster.id, "win1", 4);
  await arm.clock.advance(10 * MINUTE);
  expect(arm.set.instances.map(({ image }) => image)).toEqual([
    "20348.9999",
    "20348.9999",
    "20348.9999",
    "20348.10000",
  ]);
  expect(world.violations).toEqual([]);
});

test("an upgrade to a model with another image replaces the disk, and is a violation", async () => {
  const arm = makeArm();
  arm.set.virtualMachineProfile.storageProfile.imageReference = LATEST;
  arm.arm.world.marketplace["microsoft-aks:aks-windows:windows-2022-containerd-gen2"] = "20348.5";
  await upgradeInstances(arm, "0");
  expect(arm.set.instances.map(({ image }) => image)).toEqual(["20348.5", "20348.3000", "20348.3000"]);
  expect(arm.arm.world.violations).toHaveLength(1);
});
