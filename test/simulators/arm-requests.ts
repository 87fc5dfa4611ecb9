import { NODE_GROUP, token } from "./arm-fixture.ts";
import type { ArmFixture } from "./arm-fixture.ts";
import type { ArmSimulator } from "./arm/arm-simulator.ts";

/** Sends a request without an SDK. */
export async function send(
  arm: ArmSimulator,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: unknown }> {
  const url = `https://management.azure.com${path}${path.includes("?") ? "&" : "?"}api-version=2026-04-01`;
  const headers = { authorization: `Bearer ${token()}` };
  const answer = await arm.handle({
    method,
    url,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: answer.status, body: answer.body === "" ? undefined : JSON.parse(answer.body) };
}

const FOREIGN = { publisher: "Contoso", typePropertiesType: "Agent", typeHandlerVersion: "1.0" };

/** Adds a foreign extension to the model, as another tool would, and waits until the operation has finished. */
export async function putForeign({ compute, clock }: ArmFixture, more: Record<string, unknown> = {}): Promise<void> {
  const body = { ...FOREIGN, suppressFailures: true, ...more };
  await compute.virtualMachineScaleSetExtensions.createOrUpdate(NODE_GROUP, "akswin1", "agent", body).submitted();
  await clock.advance(1000);
}

/** Upgrades the instances with manualupgrade, and waits until the operation has finished. */
export async function upgradeInstances({ compute, clock }: ArmFixture, ...instanceIds: string[]): Promise<void> {
  await compute.virtualMachineScaleSets.updateInstances(NODE_GROUP, "akswin1", { instanceIds }).submitted();
  await clock.advance(20 * 60_000);
}
