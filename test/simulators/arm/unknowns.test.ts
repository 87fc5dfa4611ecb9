import { describe, expect, test } from "vitest";
import { makeArm, NODE_GROUP, SUBSCRIPTION } from "../arm-fixture.ts";
import type { ArmFixture } from "../arm-fixture.ts";
import { send, putForeign, upgradeInstances } from "../arm-requests.ts";
import type { Unknowns } from "./unknowns.ts";

const SET = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${NODE_GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/akswin1`;
const MINUTE = 60_000;

async function vms(arm: ArmFixture): Promise<unknown> {
  return (await send(arm.arm, "GET", `${SET}/virtualMachines?$expand=instanceView`)).body;
}

async function upgrade(arm: ArmFixture, id = "0"): Promise<number> {
  const { status } = await send(arm.arm, "POST", `${SET}/manualupgrade`, { instanceIds: [id] });
  await arm.clock.advance(20 * MINUTE);
  return status;
}

async function put(arm: ArmFixture, more: object = {}): Promise<{ status: number; body: unknown }> {
  const properties = { publisher: "Contoso", type: "Agent", typeHandlerVersion: "1.0", ...more };
  const answer = await send(arm.arm, "PUT", `${SET}/extensions/agent`, { properties });
  await arm.clock.advance(1000);
  return answer;
}

function runs(arm: ArmFixture): string | undefined {
  return arm.set.instances[0]?.extensions.find(({ name }) => name === "agent")?.time;
}

/** The observable effect of each switch, for each of its values. */
const EFFECTS: {
  [K in keyof Unknowns]: { values: Unknowns[K][]; observe: (arm: ArmFixture) => Promise<unknown>; expected: unknown[] };
} = {
  latestModelApplied: {
    values: ["by-content", "by-revision"],
    observe: async (arm) => {
      await put(arm);
      await send(arm.arm, "DELETE", `${SET}/extensions/agent`);
      await arm.clock.advance(1000);
      const answer = await vms(arm);
      return JSON.stringify(answer).includes('"latestModelApplied":true');
    },
    expected: [true, false],
  },
  instanceViewShowsForceUpdateTag: {
    values: [false, true],
    observe: async (arm) => {
      await put(arm, { forceUpdateTag: "t1" });
      await upgrade(arm);
      return JSON.stringify(await vms(arm)).includes('"forceUpdateTag":"t1"');
    },
    expected: [false, true],
  },
  scaleForeignExtensions: {
    values: ["drop", "keep"],
    observe: async (arm) => {
      await put(arm);
      await arm.arm.aks.scale(arm.cluster.id, "win1", 4);
      await arm.clock.advance(10 * MINUTE);
      return arm.set.instances
        .at(-1)
        ?.extensions.map(({ name }) => name)
        .includes("agent");
    },
    expected: [false, true],
  },
  aksFollowUpWrite: {
    values: [false, true],
    observe: async (arm) => {
      await arm.arm.aks.scale(arm.cluster.id, "win1", 4);
      await arm.clock.advance(8 * MINUTE);
      await put(arm);
      await arm.clock.advance(15 * MINUTE);
      return arm.set.virtualMachineProfile.extensionProfile.extensions.length;
    },
    expected: [3, 2],
  },
  conflict: {
    values: ["refuse", "preempt"],
    observe: async (arm) => {
      await put(arm);
      await send(arm.arm, "POST", `${SET}/manualupgrade`, { instanceIds: ["0"] });
      const { status } = await put(arm, { settings: { a: 1 } });
      await arm.clock.advance(10 * MINUTE);
      const settings = arm.set.virtualMachineProfile.extensionProfile.extensions.at(-1)?.properties.settings;
      return [status, settings, ...arm.arm.world.operations.slice(1).map(({ status: s, error }) => error?.code ?? s)];
    },
    expected: [
      [409, undefined, "Succeeded"],
      [201, { a: 1 }, "OperationPreempted", "Succeeded"],
    ],
  },
  manualUpgradeOfDeallocated: {
    values: ["leave", "refuse"],
    observe: async (arm) => {
      await put(arm);
      await arm.arm.aks.deallocate("akswin1", "0");
      await arm.clock.advance(5 * MINUTE);
      return [await upgrade(arm), runs(arm)];
    },
    expected: [
      [202, undefined],
      [409, undefined],
    ],
  },
  manualUpgradeOfProtected: {
    values: ["leave", "apply"],
    observe: async (arm) => {
      await put(arm);
      Object.assign(arm.set.instances[0] ?? {}, { protection: { protectFromScaleSetActions: true } });
      await upgrade(arm);
      return runs(arm) !== undefined;
    },
    expected: [false, true],
  },
  manualUpgradeOfCurrent: {
    values: ["nothing", "rerun"],
    observe: async (arm) => {
      await put(arm);
      await upgrade(arm);
      const first = runs(arm);
      await upgrade(arm);
      return runs(arm) !== first;
    },
    expected: [false, true],
  },
  manualUpgradeReimages: {
    values: [true, false],
    observe: async (arm) => {
      arm.set.virtualMachineProfile.storageProfile.imageReference.id += "9";
      await upgrade(arm);
      return [arm.set.instances[0]?.image, arm.arm.world.violations.length];
    },
    expected: [
      ["20348.30009", 1],
      ["20348.3000", 1],
    ],
  },
  protectedSettingsAloneRerun: {
    values: [false, true],
    observe: async (arm) => {
      await put(arm, { protectedSettings: { a: 1 } });
      await upgrade(arm);
      const first = runs(arm);
      await put(arm, { protectedSettings: { a: 2 } });
      await upgrade(arm);
      return [runs(arm) !== first, JSON.stringify(arm.set.instances[0]?.applied).includes('"a":2')];
    },
    expected: [
      [false, true],
      [true, true],
    ],
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
      return [arm.set.state, arm.set.instances[0]?.extensions.at(-1)?.state];
    },
    expected: [
      ["Succeeded", "failed"],
      ["Succeeded", "succeeded"],
    ],
  },
};

describe.each(Object.entries(EFFECTS))("%s", (name, { values, observe, expected }) => {
  test.each(values.map((value, i) => [value, expected[i]]))("%s", async (value, expected) => {
    const arm = makeArm({ unknowns: { [name]: value } });
    expect(await observe(arm)).toEqual(expected);
    expect(arm.clock.failures).toEqual([]);
  });
});
