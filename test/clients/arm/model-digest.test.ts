import type { VirtualMachineScaleSet } from "@azure/arm-compute";
import { expect, test } from "vitest";
import { digestModel } from "../../../shared/clients/arm/model-digest.ts";

const CSE = { name: "vmssCSE", publisher: "Microsoft.Compute", settings: { commandToExecute: "a" } };
const BILLING = { name: "AKSWindowsBilling", publisher: "Microsoft.AKS" };
const OURS = { name: "windows-exporter-dsc", settings: { configuration: {} } };

function model(extensions: readonly object[], over: Partial<VirtualMachineScaleSet> = {}): VirtualMachineScaleSet {
  const profile = { extensionProfile: { extensions: [...extensions] }, userData: "a" };
  return {
    location: "westeurope",
    sku: { name: "Standard_D4s_v5", capacity: 3 },
    virtualMachineProfile: profile,
    ...over,
  };
}

const digest = digestModel(model([CSE, BILLING]));

test.each([
  { what: "our extension", changed: model([CSE, OURS, BILLING]) },
  { what: "the order of the extensions", changed: model([BILLING, CSE]) },
  { what: "the capacity", changed: model([CSE, BILLING], { sku: { name: "Standard_D4s_v5", capacity: 9 } }) },
  { what: "tags and state", changed: model([CSE, BILLING], { tags: { a: "b" }, provisioningState: "Updating" }) },
])("does not depend on $what", ({ changed }) => {
  expect(digestModel(changed)).toBe(digest);
});

test.each([
  { what: "another extension's settings", changed: model([{ ...CSE, settings: { commandToExecute: "b" } }, BILLING]) },
  { what: "another extension", changed: model([CSE]) },
  { what: "the VM size", changed: model([CSE, BILLING], { sku: { name: "Standard_D8s_v5" } }) },
  { what: "no profile at all", changed: { location: "westeurope" } },
])("changes with $what", ({ changed }) => {
  expect(digestModel(changed)).not.toBe(digest);
});
