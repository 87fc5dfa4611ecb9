import type { ImageReference } from "@azure/arm-compute";
import { describe, expect, test } from "vitest";
import { toInstance, toScaleSet } from "../../../shared/clients/arm/to-scale-set.ts";
import { cse, instance } from "../../build.ts";
import { plan, words } from "../../planned.ts";

const ID = "/subscriptions/5b0b/resourceGroups/mc_shop/providers/Microsoft.Compute/virtualMachineScaleSets/akswin1";
const GALLERY =
  "/subscriptions/1/resourceGroups/AKS-Windows/providers/Microsoft.Compute/galleries/AKSWindows/images/2022";
const MARKETPLACE = { publisher: "MicrosoftWindowsServer", offer: "WindowsServer", sku: "2022-datacenter-core" };
const SHARED = "/SharedGalleries/1b2c-AKS/Images/2022";
const COMMUNITY = "/CommunityGalleries/aks-3b4c/Images/2022";

const modelImage = (imageReference?: ImageReference): string | undefined =>
  toScaleSet({
    id: ID,
    name: "akswin1",
    location: "westeurope",
    virtualMachineProfile: { storageProfile: { ...(imageReference && { imageReference }) } },
  }).image;
const instanceImage = (imageReference?: ImageReference): string | undefined =>
  toInstance({
    location: "westeurope",
    name: "akswin1_0",
    instanceId: "0",
    vmId: "vm-0",
    storageProfile: { ...(imageReference && { imageReference }) },
  }).image;

/** How Azure shows the image of a model, and that of an instance with it. */
const IMAGES: readonly { kind: string; model?: ImageReference; instance?: ImageReference; isReadable: boolean }[] = [
  {
    kind: "a gallery's image version, as AKS writes it",
    model: { id: `${GALLERY}/versions/20348.3000.1` },
    instance: { id: `${GALLERY.toUpperCase()}/versions/20348.3000.1`, exactVersion: "20348.3000.1" },
    isReadable: true,
  },
  {
    kind: "a gallery's image without a version",
    model: { id: GALLERY },
    instance: { id: GALLERY, exactVersion: "20348.3000.1" },
    isReadable: false,
  },
  {
    kind: "a gallery's latest version",
    model: { id: `${GALLERY}/versions/latest` },
    instance: { id: `${GALLERY}/versions/latest` },
    isReadable: false,
  },
  {
    kind: "a managed image",
    model: { id: "/subscriptions/1/resourceGroups/g/providers/Microsoft.Compute/images/win" },
    instance: { id: "/subscriptions/1/resourceGroups/G/providers/Microsoft.Compute/images/WIN" },
    isReadable: true,
  },
  {
    kind: "a version of the marketplace",
    model: { ...MARKETPLACE, version: "20348.3000.1" },
    instance: { ...MARKETPLACE, version: "20348.3000.1", exactVersion: "20348.3000.1" },
    isReadable: true,
  },
  {
    kind: "the latest version of the marketplace",
    model: { ...MARKETPLACE, version: "Latest" },
    instance: { ...MARKETPLACE, version: "Latest", exactVersion: "20348.3000.1" },
    isReadable: false,
  },
  {
    kind: "a version of a shared gallery",
    model: { sharedGalleryImageId: `${SHARED}/Versions/1.0.0` },
    instance: { sharedGalleryImageId: `${SHARED}/versions/1.0.0`, exactVersion: "1.0.0" },
    isReadable: true,
  },
  {
    kind: "the latest version of a shared gallery",
    model: { sharedGalleryImageId: `${SHARED}/Versions/latest` },
    instance: { sharedGalleryImageId: `${SHARED}/Versions/latest` },
    isReadable: false,
  },
  {
    kind: "a version of a community gallery",
    model: { communityGalleryImageId: `${COMMUNITY}/Versions/1.0.0` },
    instance: { communityGalleryImageId: `${COMMUNITY}/Versions/1.0.0` },
    isReadable: true,
  },
  { kind: "no image", isReadable: false },
  { kind: "an empty reference", model: {}, instance: {}, isReadable: false },
];

describe("the images of model and instance", () => {
  test.each(IMAGES)("$kind: readable and equal $isReadable", ({ model, instance: own, isReadable }) => {
    const image = modelImage(model);
    expect(image !== undefined).toBe(isReadable);
    expect(instanceImage(own) === image || !isReadable).toBe(true);
    const missing = instance("0", { image: instanceImage(own), extensions: [cse()] });
    const result = words(plan({ set: { image, instances: [missing] } }));
    expect(result).toBe(isReadable ? "converging rollout -> upgrade-instances rollout" : "at-rest");
  });

  test.each(IMAGES.filter(({ isReadable }) => isReadable))(
    "$kind: another version is another image",
    ({ model = {} }) => {
      const other = JSON.parse(JSON.stringify(model).replace(/(20348\.3000\.1|1\.0\.0|images\/win)/i, "$10"));
      expect(modelImage(other)).not.toBe(modelImage(model));
    },
  );
});

describe("an answer with less than the SDK's types promise", () => {
  const nothing = { tags: null, etag: null, provisioningState: null, upgradePolicy: null, sku: null };
  const SET = { id: ID, name: "akswin1", location: "westeurope" };
  const VM = { location: "westeurope", name: "akswin1_0", instanceId: "0", vmId: "vm-0" };

  test.each([
    { what: "nothing but its identity", set: SET },
    { what: "null in place of everything else", set: { ...SET, ...nothing, virtualMachineProfile: null } },
    {
      what: "empty profiles",
      set: { ...SET, virtualMachineProfile: { storageProfile: null, extensionProfile: null } },
    },
    {
      what: "no list of extensions",
      set: { ...SET, virtualMachineProfile: { extensionProfile: { extensions: null } } },
    },
  ])("a scale set with $what can be read, and is not fine", ({ set }) => {
    const read: unknown = Reflect.apply(toScaleSet, undefined, [set]);
    expect(read).toMatchObject({ image: undefined, sku: undefined, upgradeMode: "", extensions: [] });
  });

  test.each([
    { what: "nothing but its identity", vm: VM },
    { what: "null in place of its view", vm: { ...VM, instanceView: null, resources: null, sku: null } },
    {
      what: "null in place of lists",
      vm: { ...VM, instanceView: { statuses: null, vmAgent: null, extensions: null } },
    },
    { what: "an agent without statuses", vm: { ...VM, instanceView: { vmAgent: { statuses: null } } } },
  ])("an instance with $what can be read, and is not running", ({ vm }) => {
    const read: unknown = Reflect.apply(toInstance, undefined, [vm]);
    expect(read).toMatchObject({ isRunning: false, agentReady: false, extensions: [], image: undefined });
  });

  test.each([
    { convert: toScaleSet, raw: { ...SET, id: null }, says: /scale set akswin1: id: found null, expected a text/ },
    { convert: toScaleSet, raw: { ...SET, etag: 7 }, says: /etag: found 7, expected a text/ },
    {
      convert: toInstance,
      raw: { ...VM, vmId: undefined },
      says: /instance akswin1_0: vmId: missing, expected a text/,
    },
    { convert: toInstance, raw: { ...VM, latestModelApplied: "yes" }, says: /expected true or false/ },
  ])("what cannot be read is an error that names it: $says", ({ convert, raw, says }) => {
    expect(() => Reflect.apply<unknown, unknown[], unknown>(convert as never, undefined, [raw])).toThrow(says);
  });
});
