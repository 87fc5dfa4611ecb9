import type { Measurement } from "../model/measurement.ts";
import type { ExtensionMemory } from "./memory.ts";

/** Returns the package that the nodes should have, and when the link in the model of each scale set expires. */
export function measure({ package: desired, scaleSets }: ExtensionMemory): readonly Measurement[] {
  const version = desired?.arguments["Version"];
  const info: readonly Measurement[] = desired
    ? [{ name: "desired_package_info", labels: { package: desired.hash, version: String(version ?? "") }, value: 1 }]
    : [];
  const links = Object.values(scaleSets).flatMap(({ pool, hasExtension, lastTag }): readonly Measurement[] => {
    const expiresAt = lastTag?.linkExpiresAt;
    if (!hasExtension || pool === undefined || typeof expiresAt !== "number") return [];
    return [{ name: "package_link_expiry_timestamp_seconds", labels: { pool }, value: expiresAt / 1000 }];
  });
  return [...info, ...links];
}
