import { putForeign, send, upgradeInstances } from "../arm-requests.ts";
import { type Effects, listVms, MINUTE, put, SET, statuses, upgrade, viewOf } from "./effects.ts";

/** A log that is longer than a substatus can be. */
const LOG = `A${"-".repeat(20_000)}Z`;

/** The handler of an extension with a long log. */
export const logger = { durationMs: 1000, run: async () => ({ ok: true, message: "fine", log: LOG }) };

const SUCCEEDED = "ProvisioningState/succeeded";
const FAILED = "ProvisioningState/failed/1000";

/** The effects of the switches of what responses show. */
export const VIEW_EFFECTS = {
  latestModelApplied: {
    values: ["by-content", "by-revision"],
    observe: async (arm) => {
      await put(arm);
      await send(arm.arm, "DELETE", `${SET}/extensions/agent`);
      await arm.clock.advance(1000);
      const answer = await listVms(arm);
      return JSON.stringify(answer).includes('"latestModelApplied":true');
    },
    expected: [true, false],
  },
  instanceViewShowsForceUpdateTag: {
    values: [false, true],
    observe: async (arm) => {
      await put(arm, { forceUpdateTag: "t1" });
      await upgrade(arm);
      return JSON.stringify(await listVms(arm)).includes('"forceUpdateTag":"t1"');
    },
    expected: [false, true],
  },
  instanceResourcesShowSettings: {
    values: [true, false],
    observe: async (arm) => {
      await put(arm, { settings: { a: 1 }, protectedSettings: { b: 2 } });
      await upgrade(arm);
      const { body } = await send(arm.arm, "GET", `${SET}/virtualMachines/0`);
      return (body as { resources: { properties: unknown }[] }).resources.at(-1)?.properties;
    },
    expected: [
      {
        publisher: "Contoso",
        type: "Agent",
        typeHandlerVersion: "1.0",
        settings: { a: 1 },
        provisioningState: "Succeeded",
      },
      { provisioningState: "Succeeded" },
    ],
  },
  substatuses: {
    values: ["shown", "end-of-log", "start-of-log", "never"],
    observe: async (arm) => {
      await put(arm, { publisher: "Contoso", type: "Logger" });
      await upgrade(arm);
      return (await viewOf(arm, "agent"))?.substatuses?.map(({ message }) => [
        message.length,
        message.at(0),
        message.at(-1),
      ]);
    },
    expected: [[[LOG.length, "A", "Z"]], [[10_240, "-", "Z"]], [[10_240, "A", "-"]], undefined],
  },
  extensionStatusTime: {
    values: ["present", "succeeded-only", "absent"],
    observe: async (arm) => {
      await putForeign(arm);
      arm.arm.failExtension({ scaleSet: "akswin1", instanceId: "0", cause: "package", times: 1 });
      await upgradeInstances(arm, "0");
      return (await statuses(arm)).concat(await statuses(arm, "vmssCSE")).map(({ code, time }) => [code, typeof time]);
    },
    expected: [
      [FAILED, SUCCEEDED].map((code) => [code, "string"]),
      [
        [FAILED, "undefined"],
        [SUCCEEDED, "string"],
      ],
      [FAILED, SUCCEEDED].map((code) => [code, "undefined"]),
    ],
  },
  pendingExtensionStatuses: {
    values: ["transitioning", "empty", "absent"],
    observe: async (arm) => {
      await put(arm);
      await send(arm.arm, "POST", `${SET}/manualupgrade`, { instanceIds: ["0"] });
      await arm.clock.advance(5000);
      const pending = await viewOf(arm, "agent");
      await arm.clock.advance(MINUTE);
      return [pending?.statuses?.map(({ code }) => code), (await statuses(arm)).map(({ code }) => code)];
    },
    expected: [["ProvisioningState/transitioning"], [], undefined].map((pending) => [pending, [SUCCEEDED]]),
  },
  extensionStatusList: {
    values: ["newest", "newest-first", "older-first"],
    observe: async (arm) => {
      arm.arm.failExtension({ scaleSet: "akswin1", instanceId: "0", cause: "package", times: 1 });
      for (const forceUpdateTag of ["1", "2"]) {
        await put(arm, { forceUpdateTag });
        await upgrade(arm);
      }
      return (await statuses(arm)).map(({ code }) => code);
    },
    expected: [[SUCCEEDED], [SUCCEEDED, FAILED], [FAILED, SUCCEEDED]],
  },
  extensionPutBumpsEtag: {
    values: [true, false],
    observe: async (arm) => {
      await put(arm);
      await put(arm);
      return arm.set.etag;
    },
    expected: [2, 1],
  },
  extensionPutEchoesProtectedSettings: {
    values: [true, false],
    observe: async (arm) => JSON.stringify(await put(arm, { protectedSettings: { key: "geheim" } })).includes("geheim"),
    expected: [true, false],
  },
  suppressedFailureShows: {
    values: [true, false],
    observe: async (arm) => {
      await putForeign(arm);
      arm.arm.failExtension({ scaleSet: "akswin1", instanceId: "0", cause: "package", times: 1 });
      await upgradeInstances(arm, "0");
      const [{ code, message } = {}] = await statuses(arm);
      return [arm.set.state, code, message];
    },
    expected: [FAILED, SUCCEEDED].map((code) => ["Succeeded", code, "Enable failed: package."]),
  },
} satisfies Partial<Effects>;
