import type { InstanceViewStatus, VirtualMachineExtensionInstanceView } from "@azure/arm-compute";
import { expect, test } from "vitest";
import { toInstance } from "../../../shared/clients/arm/to-scale-set.ts";
import type { InstanceExtension } from "../../../shared/model/scale-set.ts";
import { NOW } from "../../build.ts";

const status = (state: string, minutesAgo?: number): InstanceViewStatus => ({
  code: `ProvisioningState/${state}`,
  message: `${state} ${minutesAgo}`,
  ...(minutesAgo !== undefined && { time: new Date(NOW - minutesAgo * 60_000) }),
});

test.each([
  { when: "there is none", statuses: undefined, state: "transitioning" },
  { when: "the list is empty", statuses: [], state: "transitioning" },
  { when: "there is one", statuses: [status("succeeded", 3)], state: "succeeded" },
  { when: "the newest is first", statuses: [status("failed/1000", 1), status("succeeded", 9)], state: "failed" },
  { when: "the newest is last", statuses: [status("succeeded", 9), status("failed/1000", 1)], state: "failed" },
  {
    when: "the pending one has no time",
    statuses: [status("succeeded", 9), status("transitioning")],
    state: "transitioning",
  },
  { when: "none has a time", statuses: [status("succeeded"), status("failed/1")], state: "failed" },
  { when: "none has a time, in another order", statuses: [status("failed/1"), status("succeeded")], state: "failed" },
])("the state of an extension is that of its newest status: $when", ({ statuses, state }) => {
  expect(convert({ name: "windows-exporter-dsc", ...(statuses && { statuses }) })).toMatchObject({ state });
});

test("message and logs contain no secret", () => {
  const secret = "https://x.blob.core.windows.net/c/a.zip?sig=planted";
  const view = { name: "a", statuses: [{ message: secret }], substatuses: [{ message: secret }] };
  expect(JSON.stringify(convert(view))).not.toContain("planted");
});

/** Converts an instance that has only this extension. */
function convert(view: VirtualMachineExtensionInstanceView): InstanceExtension | undefined {
  const ids = { location: "westeurope", name: "akswin1_0", instanceId: "0", vmId: "vm-0" };
  return toInstance({ ...ids, instanceView: { extensions: [view] } }).extensions[0];
}
