import { createHash } from "node:crypto";
import type { VirtualMachineScaleSet } from "@azure/arm-compute";
import { EXTENSION_NAME } from "../../model/extension.ts";
import { canonicalJson } from "../../model/json.ts";
import { byText } from "../../model/order.ts";

/**
 * Returns a digest of the model without its capacity and our extension, in any order of its extensions: 16 hex digits
 * of SHA-256. ARM returns no protected settings, so a change of these alone does not change it.
 */
export function digestModel({ sku, virtualMachineProfile }: VirtualMachineScaleSet): string {
  const profile = virtualMachineProfile ?? {};
  const others = (profile.extensionProfile?.extensions ?? []).filter(({ name }) => name !== EXTENSION_NAME);
  const extensions = others.toSorted(byText(({ name = "" }) => name));
  const model = { size: sku?.name, ...profile, extensionProfile: { ...profile.extensionProfile, extensions } };
  // As JSON, dates are text and what is undefined is absent.
  const plain: unknown = JSON.parse(JSON.stringify(model));
  return createHash("sha256").update(canonicalJson(plain)).digest("hex").slice(0, 16);
}
