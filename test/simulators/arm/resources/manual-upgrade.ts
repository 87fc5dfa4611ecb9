import type { Engine } from "../engine.ts";
import { ArmError, type Reply } from "../http.ts";
import { upgradeInstance } from "../instances.ts";
import { failWith } from "../operations.ts";
import { type Call, route, scaleSetOf, SET } from "../route.ts";
import type { Instance, ScaleSet } from "../world.ts";
import { submit } from "./operations.ts";

/** Applies the whole model to the named instances; the operation ends with the slowest of them. */
export const manualUpgradeRoutes = [route("POST", `${SET}/manualUpgrade`, manualUpgrade)];

function manualUpgrade(call: Call): Reply {
  const { engine } = call;
  const set = scaleSetOf(call);
  const instances = instancesOf(set, (call.body as { instanceIds: string[] }).instanceIds);
  const stopped = instances.some(({ power }) => power !== "running");
  if (stopped && engine.unknowns.manualUpgradeOfDeallocated === "refuse") {
    const message = "Cannot modify extensions in the VM when the VM is not running.";
    throw new ArmError(409, { code: "OperationNotAllowed", message });
  }
  const headers = submit(call, set, set.id, async () => {
    const upgrades = instances.filter((one) => !isSkipped(engine, one)).map((one) => upgradeInstance(engine, set, one));
    await engine.flow.wait(engine.durations.modelWrite);
    failWith(await Promise.all(upgrades));
  });
  return { status: 202, headers };
}

/** Returns the named instances; an id that does not exist fails the whole batch. */
function instancesOf(set: ScaleSet, ids: readonly string[]): Instance[] {
  const wanted = ids.includes("*") ? set.instances.map(({ id }) => id) : ids;
  return [...new Set(wanted)].map((id) => {
    const instance = set.instances.find((one) => one.id === id && one.state !== "Deleting");
    if (instance) return instance;
    const message = `The provided instanceId ${id} is not an active Virtual Machine Scale Set VM instanceId.`;
    throw new ArmError(400, { code: "InvalidParameter", message, target: "instanceIds" });
  });
}

function isSkipped({ unknowns }: Engine, { power, protection }: Instance): boolean {
  return (
    power !== "running" || (protection.protectFromScaleSetActions && unknowns.manualUpgradeOfProtected === "leave")
  );
}
