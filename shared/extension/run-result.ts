import type { FailureCause } from "../model/reason.ts";

/**
 * Returns the cause of a failure of our extension, from the message of the handler or the agent (texts from public
 * reports).
 */
export function failureCause(message: string): FailureCause {
  if (/depends upon the VM Extension/i.test(message)) return "dependency";
  if (/error downloading/i.test(message)) return "download";
  if (
    /timed out|VMExtensionProvisioningTimeout|agent (is )?not (ready|report)|handler.{0,40}not report/i.test(message)
  ) {
    return "agent";
  }
  return "package";
}
