import type { ArmFixture } from "../arm-fixture.ts";
import { NODE_GROUP, SUBSCRIPTION } from "../arm-fixture.ts";
import { send } from "../arm-requests.ts";
import type { Unknowns } from "./unknowns.ts";

export const SET = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${NODE_GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/akswin1`;
export const MINUTE = 60_000;

/** What can be observed of each switch, in the order of its values. */
export type Effects = {
  readonly [K in keyof Unknowns]: {
    readonly values: readonly Unknowns[K][];
    readonly observe: (arm: ArmFixture) => Promise<unknown>;
    readonly expected: readonly unknown[];
  };
};

/** Lists the instances, with their instance views. */
export async function listVms(arm: ArmFixture): Promise<unknown> {
  return (await send(arm.arm, "GET", `${SET}/virtualMachines?$expand=instanceView`)).body;
}

/** Upgrades an instance, and waits until the operation has finished; returns the status of the response. */
export async function upgrade(arm: ArmFixture, id = "0"): Promise<number> {
  const { status } = await send(arm.arm, "POST", `${SET}/manualupgrade`, { instanceIds: [id] });
  await arm.clock.advance(20 * MINUTE);
  return status;
}

/** Puts a foreign extension, and waits until the operation has finished. */
export async function put(arm: ArmFixture, more: object = {}): Promise<{ status: number; body: unknown }> {
  const properties = { publisher: "Contoso", type: "Agent", typeHandlerVersion: "1.0", ...more };
  const answer = await send(arm.arm, "PUT", `${SET}/extensions/agent`, { properties });
  await arm.clock.advance(1000);
  return answer;
}

/** Returns the time of the foreign extension's last run on the first instance. */
export function lastRun(arm: ArmFixture): string | undefined {
  return arm.set.instances[0]?.extensions.find(({ name }) => name === "agent")?.time;
}

type Status = { code: string; time?: string; message: string };
type ExtensionView = { name: string; statuses?: Status[]; substatuses?: Status[] };

/** Returns the view of an extension on the first instance. */
export async function viewOf(arm: ArmFixture, name: string): Promise<ExtensionView | undefined> {
  const { body } = await send(arm.arm, "GET", `${SET}/virtualMachines/0/instanceView`);
  return (body as { extensions?: ExtensionView[] }).extensions?.find((one) => one.name === name);
}

/** Returns the statuses of an extension on the first instance. */
export async function statuses(arm: ArmFixture, name = "agent"): Promise<Status[]> {
  return (await viewOf(arm, name))?.statuses ?? [];
}
