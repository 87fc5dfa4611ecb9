import type { InstanceViewStatus } from "@azure/arm-compute";
import { expect, test } from "vitest";
import { toInstanceExtension } from "../../../shared/clients/arm/to-instance-extension.ts";
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
  const view = { name: "windows-exporter-dsc", ...(statuses && { statuses }) };
  expect(toInstanceExtension(view, undefined)).toMatchObject({ state });
});

test("message and logs contain no secret", () => {
  const secret = "https://x.blob.core.windows.net/c/a.zip?sig=planted";
  const view = { name: "a", statuses: [{ message: secret }], substatuses: [{ message: secret }] };
  expect(JSON.stringify(toInstanceExtension(view, undefined))).not.toContain("planted");
});
