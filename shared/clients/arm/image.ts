import type { Image } from "./compute-schemas.ts";

/** In place of a version, this means the newest one at the time when a machine is created. */
const LATEST = "latest";

/**
 * Returns the exact image in lower case, as ARM ignores the case of IDs: the ID of an image or of a gallery's image
 * version, else publisher:offer:sku:version. Returns undefined if the version cannot be read, because an upgrade may
 * then replace the image: a reference to the latest version, one of another kind, or none.
 */
export function describeImage(image: Image | undefined): string | undefined {
  if (!image) return undefined;
  const id = image.id ?? image.sharedGalleryImageId ?? image.communityGalleryImageId;
  const exact = id ? describeImageId(id, versionOf(image)) : describeMarketplaceImage(image);
  return exact?.toLowerCase();
}

function versionOf({ version, exactVersion }: Image): string | undefined {
  return exactVersion ?? (version?.toLowerCase() === LATEST ? undefined : version);
}

/** Returns an image ID with its version. An image outside a gallery has none and never changes. */
function describeImageId(id: string, version: string | undefined): string | undefined {
  const isInGallery = /\/(galleries|sharedGalleries|communityGalleries)\//i.test(id);
  const [, exact] = /\/versions\/([^/]+)$/i.exec(id) ?? [];
  if (!isInGallery || (exact !== undefined && exact.toLowerCase() !== LATEST)) return id;
  return version && `${id.replace(/\/versions\/[^/]+$/i, "")}/versions/${version}`;
}

function describeMarketplaceImage(image: Image): string | undefined {
  const parts = [image.publisher, image.offer, image.sku, versionOf(image)];
  return parts.every(Boolean) ? parts.join(":") : undefined;
}
