import { send } from "../arm-requests.ts";
import { type Effects, lastRun, MINUTE, put, SET, statuses, upgrade } from "./effects.ts";

const FINE = ["Succeeded", "Succeeded", "Succeeded"];
const RAN = ["ProvisioningState/succeeded", "Enable succeeded."];

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
  bootstrapAgainRestarts: {
    values: [true, false],
    observe: async (arm) => {
      const [instance] = arm.set.instances;
      const bootstrap = arm.set.virtualMachineProfile.extensionProfile.extensions.find(
        ({ name }) => name === "vmssCSE",
      );
      Object.assign(bootstrap?.properties ?? {}, { settings: { changed: true } });
      const before = instance?.boots ?? 0;
      await upgrade(arm);
      return [(instance?.boots ?? 0) - before];
    },
    expected: [[1], [0]],
  },
  oldFailureFailsOperations: {
    values: [false, true],
    observe: async (arm) => {
      await put(arm);
      arm.arm.failExtension({ scaleSet: "akswin1", instanceId: "0", cause: "package", times: 1 });
      const ends: unknown[] = [];
      for (const id of ["0", "1", "0"]) {
        await put(arm, { forceUpdateTag: `${ends.length}` });
        await upgrade(arm, id);
        ends.push(
          arm.arm.world.operations.slice(-2).map(({ error }) => error?.target),
          arm.set.state,
        );
      }
      return [ends, arm.set.instances.map(({ state }) => state)];
    },
    expected: [
      [[[undefined, "0"], "Failed", [undefined, undefined], "Succeeded", [undefined, undefined], "Succeeded"], FINE],
      [[[undefined, "0"], "Failed", ["0", "0"], "Failed", ["0", undefined], "Succeeded"], FINE],
    ],
  },
  restartedRun: {
    values: ["begins-again", "never-reports"],
    observe: async (arm) => {
      // It runs last, 30 s after it began at the earliest, and the restart begins within 15 s.
      await put(arm, { provisionAfterExtensions: ["vmssCSE"] });
      await arm.arm.actors.restartFreshNodes(arm.cluster.id, "win1", true);
      await arm.arm.actors.autoscale(arm.cluster.id, "win1", 23);
      const ends: string[][] = [];
      for (const minutes of [6, 20]) {
        await arm.clock.advance(minutes * MINUTE);
        const agents = arm.set.instances
          .slice(3)
          .map(({ extensions }) => extensions.find(({ name }) => name === "agent"));
        ends.push([...new Set(agents.map((agent) => agent?.state ?? ""))].toSorted());
      }
      return ends;
    },
    expected: [
      [["succeeded"], ["succeeded"]],
      [
        ["succeeded", "transitioning"],
        ["failed", "succeeded"],
      ],
    ],
  },
  failedExtensionBlocksNew: {
    values: [false, true],
    observe: async (arm) => {
      await put(arm);
      const [cse] = arm.set.instances[0]?.extensions ?? [];
      Object.assign(cse ?? {}, { state: "failed" });
      await upgrade(arm);
      const first = await statuses(arm);
      Object.assign(cse ?? {}, { state: "succeeded" });
      await put(arm, { forceUpdateTag: "again" });
      await upgrade(arm);
      return first.concat(await statuses(arm)).map(({ code, message }) => [code, message]);
    },
    expected: [
      [RAN, RAN],
      [["ProvisioningState/failed/0", "The VM has the extension 'vmssCSE' in a failed provisioning state."], RAN],
    ],
  },
} satisfies Partial<Effects>;
