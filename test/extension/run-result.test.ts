import { expect, test } from "vitest";
import { failureCause } from "../../shared/extension/run-result.ts";

test.each([
  {
    message: "The DSC Extension failed to execute: Error downloading https://x/y.zip after 17 attempts",
    cause: "download",
  },
  { message: "VM Extension 'a' depends upon the VM Extension 'vmssCSE', which failed", cause: "dependency" },
  { message: "Provisioning of VM extension timed out", cause: "agent" },
  { message: "VMExtensionProvisioningTimeout", cause: "agent" },
  { message: "The VM agent is not reporting", cause: "agent" },
  { message: "Handler Microsoft.Powershell.DSC did not report a status", cause: "agent" },
  { message: "PowerShell DSC resource MSFT_MsiPackage failed: the MSI ended with 1603", cause: "package" },
])("the cause of '$message' is $cause", ({ message, cause }) => {
  expect(failureCause(message)).toBe(cause);
});
