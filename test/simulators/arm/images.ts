import { isDeepStrictEqual } from "node:util";
import type { ArmWorld, PoolSpec, ScaleSet, VmProfile } from "./world.ts";

/** Where an image comes from: a gallery (AKS today), the marketplace, a gallery shared with a tenant or with all, none. */
export type ImageForm = "gallery" | "marketplace" | "shared" | "community" | "none";

type MarketplaceImage = { publisher: string; offer: string; sku: string; version: string };

/** The image of a model or an instance, which the ARM schema allows in four forms. */
export type ImageReference =
  | { id: string }
  | MarketplaceImage
  | { sharedGalleryImageId: string }
  | { communityGalleryImageId: string };

/** The subscription in which Microsoft publishes AKS's node images. */
const IMAGES = "/subscriptions/109a5e88-712a-48ae-9078-9ca8b3c81345/resourceGroups";

/** Returns the image that AKS writes to the model of a pool, in the form of the pool. */
export function imageReferenceOf(pool: Required<PoolSpec>): ImageReference | undefined {
  const windows = pool.os === "Windows";
  const gallery = windows ? "AKS-Windows" : "AKS-Ubuntu";
  const image = windows ? "windows-2022-containerd-gen2" : "2204gen2containerd";
  const path = `images/${image}/versions/${pool.image}`;
  const id = `${IMAGES}/${gallery}/providers/Microsoft.Compute/galleries/${gallery.replace("-", "")}/${path}`;
  const forms: Readonly<Record<ImageForm, ImageReference | undefined>> = {
    gallery: { id },
    marketplace: { publisher: "microsoft-aks", offer: windows ? "aks-windows" : "aks", sku: image, version: "latest" },
    shared: { sharedGalleryImageId: `/sharedGalleries/${gallery}/${path}` },
    community: { communityGalleryImageId: `/communityGalleries/${gallery}/${path}` },
    none: undefined,
  };
  return forms[pool.imageForm];
}

/** Publishes the image of a pool as the newest one in the marketplace, if the pool uses the marketplace. */
export function publishImage(world: ArmWorld, pool: Required<PoolSpec>): void {
  const reference = imageReferenceOf(pool);
  if (reference && "publisher" in reference) world.marketplace[nameOf(reference)] = pool.image;
}

/** Returns the image version in a model: `latest` is possible; an empty string if the model has no image. */
export function imageOf({ storageProfile: { imageReference: reference } }: VmProfile): string {
  if (!reference) return "";
  if ("publisher" in reference) return reference.version;
  const [path = ""] = Object.values(reference);
  return path.split("/").at(-1) ?? "";
}

/** Returns the image version that a new disk gets; the marketplace resolves `latest` at that time. */
export function newestImageOf({ marketplace }: ArmWorld, profile: VmProfile): string {
  const { imageReference: reference } = profile.storageProfile;
  if (!reference || !("publisher" in reference) || reference.version !== "latest") return imageOf(profile);
  return marketplace[nameOf(reference)] ?? "";
}

/** Returns whether an instance got its disk from another image than the model names; `latest` always names the same. */
export function hasOtherImage({ virtualMachineProfile: model }: ScaleSet, applied: VmProfile): boolean {
  return !isDeepStrictEqual(model.storageProfile.imageReference, applied.storageProfile.imageReference);
}

function nameOf({ publisher, offer, sku }: MarketplaceImage): string {
  return `${publisher}:${offer}:${sku}`;
}
