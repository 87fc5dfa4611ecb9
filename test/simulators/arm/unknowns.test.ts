import { describe, expect, test } from "vitest";
import { makeArm, NODE_GROUP, SUBSCRIPTION } from "../arm-fixture.ts";
import type { ArmFixture } from "../arm-fixture.ts";
import { ask, putForeign, upgradeInstances } from "../arm-requests.ts";
import type { Unknowns } from "./unknowns.ts";

const SET = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${NODE_GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/akswin1`;
const MINUTE = 60_000;

async function vms(arm: ArmFixture): Promise<unknown> {
  return (await ask(arm.arm, "GET", `${SET}/virtualMachines?$expand=instanceView`)).body;
}

async function upgrade(arm: ArmFixture, id = "0"): Promise<number> {
  const { status } = await ask(arm.arm, "POST", `${SET}/manualupgrade`, { instanceIds: [id] });
  await arm.clock.advance(20 * MINUTE);
  return status;
}

async function put(arm: ArmFixture, more: object = {}): Promise<{ status: number; body: unknown }> {
  const properties = { publisher: "Contoso", type: "Agent", typeHandlerVersion: "1.0", ...more };
  const answer = await ask(arm.arm, "PUT", `${SET}/extensions/agent`, { properties });
  await arm.clock.advance(1000);
  return answer;
}

function runs(arm: ArmFixture): string | undefined {
  return arm.set.instances[0]?.extensions.find(({ name }) => name === "agent")?.time;
}

/** What is seen of each switch, for one of its values. */
const SEEN: {
  [K in keyof Unknowns]: { values: Unknowns[K][]; see: (arm: ArmFixture) => Promise<unknown>; seen: unknown[] };
} = {
  latestModelApplied: {
    values: ["by-content", "by-revision"],
    see: async (arm) => {
      await put(arm);
      await ask(arm.arm, "DELETE", `${SET}/extensions/agent`);
      await arm.clock.advance(1000);
      const answer = await vms(arm);
      return JSON.stringify(answer).includes('"latestModelApplied":true');
    },
    seen: [true, false],
  },
  instanceViewShowsForceUpdateTag: {
    values: [false, true],
    see: async (arm) => {
      await put(arm, { forceUpdateTag: "t1" });
      await upgrade(arm);
      return JSON.stringify(await vms(arm)).includes('"forceUpdateTag":"t1"');
    },
    seen: [false, true],
  },
  scaleForeignExtensions: {
    values: ["drop", "keep"],
    see: async (arm) => {
      await put(arm);
      await arm.arm.aks.scale(arm.cluster.id, "win1", 4);
      await arm.clock.advance(10 * MINUTE);
      return arm.set.instances
        .at(-1)
        ?.extensions.map(({ name }) => name)
        .includes("agent");
    },
    seen: [false, true],
  },
  aksFollowUpWrite: {
    values: [false, true],
    see: async (arm) => {
      await arm.arm.aks.scale(arm.cluster.id, "win1", 4);
      await arm.clock.advance(8 * MINUTE);
      await put(arm);
      await arm.clock.advance(15 * MINUTE);
      return arm.set.virtualMachineProfile.extensionProfile.extensions.length;
    },
    seen: [3, 2],
  },
  conflict: {
    values: ["refuse", "preempt"],
    see: async (arm) => {
      await put(arm);
      await ask(arm.arm, "POST", `${SET}/manualupgrade`, { instanceIds: ["0"] });
      const { status } = await put(arm, { settings: { a: 1 } });
      await arm.clock.advance(10 * MINUTE);
      const settings = arm.set.virtualMachineProfile.extensionProfile.extensions.at(-1)?.properties.settings;
      return [status, settings, ...arm.arm.world.operations.slice(1).map(({ status: s, error }) => error?.code ?? s)];
    },
    seen: [
      [409, undefined, "Succeeded"],
      [201, { a: 1 }, "OperationPreempted", "Succeeded"],
    ],
  },
  manualUpgradeOfDeallocated: {
    values: ["leave", "refuse"],
    see: async (arm) => {
      await put(arm);
      await arm.arm.aks.deallocate("akswin1", "0");
      await arm.clock.advance(5 * MINUTE);
      return [await upgrade(arm), runs(arm)];
    },
    seen: [
      [202, undefined],
      [409, undefined],
    ],
  },
  manualUpgradeOfProtected: {
    values: ["leave", "apply"],
    see: async (arm) => {
      await put(arm);
      Object.assign(arm.set.instances[0] ?? {}, { protection: { protectFromScaleSetActions: true } });
      await upgrade(arm);
      return runs(arm) !== undefined;
    },
    seen: [false, true],
  },
  manualUpgradeOfCurrent: {
    values: ["nothing", "rerun"],
    see: async (arm) => {
      await put(arm);
      await upgrade(arm);
      const first = runs(arm);
      await upgrade(arm);
      return runs(arm) !== first;
    },
    seen: [false, true],
  },
  manualUpgradeReimages: {
    values: [true, false],
    see: async (arm) => {
      arm.set.virtualMachineProfile.storageProfile.imageReference.id += "9";
      await upgrade(arm);
      return [arm.set.instances[0]?.image, arm.arm.world.violations.length];
    },
    seen: [
      ["20348.30009", 1],
      ["20348.3000", 1],
    ],
  },
  protectedSettingsAloneRerun: {
    values: [false, true],
    see: async (arm) => {
      await put(arm, { protectedSettings: { a: 1 } });
      await upgrade(arm);
      const first = runs(arm);
      await put(arm, { protectedSettings: { a: 2 } });
      await upgrade(arm);
      return [runs(arm) !== first, JSON.stringify(arm.set.instances[0]?.applied).includes('"a":2')];
    },
    seen: [
      [false, true],
      [true, true],
    ],
  },
  extensionPutBumpsEtag: {
    values: [true, false],
    see: async (arm) => {
      await put(arm);
      await put(arm);
      return arm.set.etag;
    },
    seen: [2, 1],
  },
  extensionPutEchoesProtectedSettings: {
    values: [true, false],
    see: async (arm) => JSON.stringify(await put(arm, { protectedSettings: { key: "geheim" } })).includes("geheim"),
    seen: [true, false],
  },
  suppressedFailureShows: {
    values: [true, false],
    see: async (arm) => {
      await putForeign(arm);
      arm.arm.failExtension({ scaleSet: "akswin1", instanceId: "0", cause: "package", times: 1 });
      await upgradeInstances(arm, "0");
      return [arm.set.state, arm.set.instances[0]?.extensions.at(-1)?.state];
    },
    seen: [
      ["Succeeded", "failed"],
      ["Succeeded", "succeeded"],
    ],
  },
};

describe.each(Object.entries(SEEN))("%s", (name, { values, see, seen }) => {
  test.each(values.map((value, i) => [value, seen[i]]))("%s", async (value, expected) => {
    const arm = makeArm({ unknowns: { [name]: value } });
    expect(await see(arm)).toEqual(expected);
    expect(arm.clock.failures).toEqual([]);
  });
});
