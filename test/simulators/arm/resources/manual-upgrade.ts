import { refuse } from "../aks-calls.ts";
import type { Engine, Site } from "../engine.ts";
import { ArmError } from "../http.ts";
import type { Reply } from "../http.ts";
import { upgradeInstance } from "../instances.ts";
import { scaleSetOf } from "../route.ts";
import type { Call, Route } from "../route.ts";
import { instanceIdsBody } from "../validate.ts";
import type { ScaleSet } from "../world.ts";
import { followUp, writeOf } from "./accepted.ts";

const SET =
  "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachineScaleSets/{set}";

/** Brings the named instances to the whole model; the operation lasts as long as the slowest of them. */
export const manualUpgradeRoutes: readonly Route[] = [
  {
    method: "POST",
    action: "Microsoft.Compute/virtualMachineScaleSets/manualUpgrade/action",
    path: `${SET}/manualupgrade`,
    verb: true,
    check: instanceIdsBody,
    handle,
  },
];

function handle(call: Call): Reply {
  const { engine } = call;
  const scaleSet = scaleSetOf(call);
  const sites = named(scaleSet, instanceIdsBody(call.body));
  const stopped = sites.some(({ instance }) => instance.power !== "running");
  if (stopped && engine.unknowns.manualUpgradeOfDeallocated === "refuse") {
    const message = "Cannot modify extensions in the VM when the VM is not running.";
    throw new ArmError(409, { code: "OperationNotAllowed", message });
  }
  const operation = engine.operations.start(writeOf(call, scaleSet, scaleSet.id), async () => {
    await Promise.all([engine.flow.wait(engine.durations.modelWrite), ...sites.map((site) => upgrade(engine, site))]);
    const failed = sites.find(({ instance }) => failures.has(instance.id));
    if (failed) refuse(failures.get(failed.instance.id) ?? [], failed.instance.id);
  });
  const failures = new Map<string, Awaited<ReturnType<typeof upgradeInstance>>>();
  async function upgrade(on: Engine, site: Site): Promise<void> {
    if (leftAlone(on, site)) return;
    const failed = await upgradeInstance(on, site);
    if (failed.length > 0) failures.set(site.instance.id, failed);
  }
  return { status: 202, headers: followUp(engine, scaleSet, operation, true) };
}

/** One id that is gone refuses the whole batch. */
function named(scaleSet: ScaleSet, ids: readonly string[]): Site[] {
  const wanted = ids.includes("*") ? scaleSet.instances.map(({ id }) => id) : ids;
  return [...new Set(wanted)].map((id) => {
    const instance = scaleSet.instances.find((one) => one.id === id && one.state !== "Deleting");
    if (instance) return { scaleSet, instance };
    const message = `The provided instanceId ${id} is not an active Virtual Machine Scale Set VM instanceId.`;
    throw new ArmError(400, { code: "InvalidParameter", message, target: "instanceIds" });
  });
}

function leftAlone({ unknowns }: Engine, { instance }: Site): boolean {
  if (instance.power !== "running") return true;
  return instance.protection.protectFromScaleSetActions && unknowns.manualUpgradeOfProtected === "leave";
}
