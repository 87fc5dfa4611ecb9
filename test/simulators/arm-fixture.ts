import { ComputeManagementClient } from "@azure/arm-compute";
import { ContainerServiceClient } from "@azure/arm-containerservice";
import { Clock } from "../clock.ts";
import { ArmSimulator } from "./arm/arm-simulator.ts";
import type { ArmEvent, ArmOptions } from "./arm/arm-simulator.ts";
import type { Cluster, ScaleSet } from "./arm/world.ts";

export const SUBSCRIPTION = "00000000-0000-0000-0000-000000000001";
export const NODE_GROUP = "MC_rg_shop_westeurope";
export const OID = "11111111-1111-4111-8111-111111111111";

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** Returns an unsigned JWT that the simulator accepts. */
export function token(claims: Record<string, unknown> = {}): string {
  const all = { aud: "https://management.azure.com/", oid: OID, appid: "app", exp: 4_000_000_000, ...claims };
  return `${part({ alg: "none" })}.${part(all)}.AAAA`;
}

export const credential = {
  getToken: () => Promise.resolve({ token: token(), expiresOnTimestamp: Date.now() + 3_600_000 }),
};

export interface ArmFixture {
  clock: Clock;
  arm: ArmSimulator;
  events: ArmEvent[];
  cluster: Cluster;
  set: ScaleSet;
  compute: ComputeManagementClient;
  containers: ContainerServiceClient;
}

/** Creates a simulator with one cluster (win1 has three Windows nodes) and plain SDK clients for it. */
export function makeArm(options: Partial<ArmOptions> = {}, actions: readonly string[] = ["*"]): ArmFixture {
  const clock = new Clock();
  const events: ArmEvent[] = [];
  const principals = [
    { oid: OID, name: "tester", assignments: [{ scope: `/subscriptions/${SUBSCRIPTION}`, actions }] },
    { oid: "unassigned", name: "unassigned", assignments: [] },
  ];
  const arm = new ArmSimulator({ clock, principals, onEvent: (event) => events.push(event), ...options });
  const pools = [
    { name: "win1", os: "Windows" as const, count: 3, image: "20348.3000" },
    { name: "sys", os: "Linux" as const, count: 1, image: "202511.1" },
  ];
  const spec = { subscription: SUBSCRIPTION, resourceGroup: "rg", name: "shop", location: "westeurope", pools };
  const cluster = arm.aks.addCluster(spec);
  const [set] = arm.world.scaleSets;
  if (!set) throw new Error("no scale set");
  const client = { httpClient: arm, retryOptions: { maxRetries: 0 } };
  const compute = new ComputeManagementClient(credential, SUBSCRIPTION, client);
  return {
    clock,
    arm,
    events,
    cluster,
    set,
    compute,
    containers: new ContainerServiceClient(credential, SUBSCRIPTION, client),
  };
}
