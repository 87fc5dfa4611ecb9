import { send } from "../arm-requests.ts";
import { type Effects, lastRun, MINUTE, put, SET, upgrade } from "./effects.ts";

/** The effects of the switches of what writes do. */
export const WRITE_EFFECTS = {
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
    values: ["preempt", "refuse"],
    observe: async (arm) => {
      await put(arm);
      await send(arm.arm, "POST", `${SET}/manualupgrade`, { instanceIds: ["0"] });
      const { status } = await put(arm, { settings: { a: 1 } });
      await arm.clock.advance(10 * MINUTE);
      const settings = arm.set.virtualMachineProfile.extensionProfile.extensions.at(-1)?.properties.settings;
      return [status, settings, ...arm.arm.world.operations.slice(1).map(({ status: s, error }) => error?.code ?? s)];
    },
    expected: [
      [201, { a: 1 }, "OperationPreempted", "Succeeded"],
      [409, undefined, "Succeeded"],
    ],
  },
  manualUpgradeOfDeallocated: {
    values: ["leave", "refuse"],
    observe: async (arm) => {
      await put(arm);
      await arm.arm.aks.deallocate("akswin1", "0");
      await arm.clock.advance(5 * MINUTE);
      return [await upgrade(arm), lastRun(arm)];
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
      return lastRun(arm) !== undefined;
    },
    expected: [false, true],
  },
  manualUpgradeOfCurrent: {
    values: ["nothing", "rerun"],
    observe: async (arm) => {
      await put(arm);
      await upgrade(arm);
      const first = lastRun(arm);
      await upgrade(arm);
      return lastRun(arm) !== first;
    },
    expected: [false, true],
  },
  protectedSettingsAloneRerun: {
    values: [false, true],
    observe: async (arm) => {
      await put(arm, { protectedSettings: { a: 1 } });
      await upgrade(arm);
      const first = lastRun(arm);
      await put(arm, { protectedSettings: { a: 2 } });
      await upgrade(arm);
      return [lastRun(arm) !== first, JSON.stringify(arm.set.instances[0]?.applied).includes('"a":2')];
    },
    expected: [
      [false, true],
      [true, true],
    ],
  },
} satisfies Partial<Effects>;
