import type { Cluster } from "../simulators/arm/world.ts";
import { type AzCall, type AzCommands, AzError, choice, one } from "./az-command.ts";
import { mergeCredentials } from "./kubeconfig.ts";

const CLUSTER = { "resource-group": "required", name: "required" } as const;
const POOL = { ...CLUSTER, "cluster-name": "required" } as const;
const MINUTE = 60_000;
/** The operations of AKS that are modelled are shorter than this. */
const PATIENCE_MINUTES = 24 * 60;

/** Clusters and their node pools. */
export const AKS_COMMANDS: AzCommands = {
  "aks update": {
    options: { ...CLUSTER, "nrg-lockdown-restriction-level": "optional", yes: "flag" },
    run: updateCluster,
  },
  "aks start": {
    options: CLUSTER,
    run: (call) => operate(call, (id) => call.world.arm.actors.startCluster(id)),
  },
  "aks nodepool start": {
    options: POOL,
    run: (call) => operate(call, (id) => call.world.arm.actors.startPool(id, one(call, "name"))),
  },
  "aks nodepool upgrade": { options: { ...POOL, "node-image-only": "flag" }, run: upgradeImage },
  "aks get-credentials": {
    options: { ...CLUSTER, file: "optional", "overwrite-existing": "flag" },
    run: mergeCredentials,
  },
};

async function updateCluster(call: AzCall): Promise<void> {
  const isChange = call.options.has("nrg-lockdown-restriction-level");
  // Without a change, the real one asks whether to reconcile, which fails without a terminal; --yes answers it.
  if (!isChange && !call.options.has("yes")) throw new AzError("no tty available to ask whether to reconcile");
  const change = isChange
    ? { restrictionLevel: choice(call, "nrg-lockdown-restriction-level", ["Unrestricted", "ReadOnly"]) }
    : {};
  await operate(call, (id) => call.world.arm.actors.updateCluster(id, change));
}

/** Upgrades the node image of a pool to the next version, which is always available. */
async function upgradeImage(call: AzCall): Promise<void> {
  if (!call.options.has("node-image-only")) throw new AzError("the simulator only upgrades the node image", 2);
  const name = one(call, "name");
  const { image = "" } = call.world.cluster.pools.find((pool) => pool.name === name) ?? {};
  const next = image.replace(/\d+$/, (digits) => String(Number(digits) + 1));
  await operate(call, (id) => call.world.arm.aks.upgrade(id, name, { image: next }));
}

/** Starts an operation of AKS and waits for its end; throws an error if it failed. */
async function operate(call: AzCall, start: (clusterId: string) => Promise<void>): Promise<void> {
  const { world } = call;
  const name = one(call, call.options.has("cluster-name") ? "cluster-name" : "name");
  const group = `/subscriptions/${world.cluster.subscription}/resourceGroups/${one(call, "resource-group")}`;
  await start(`${group}/providers/Microsoft.ContainerService/managedClusters/${name}`);
  for (let i = 0; i < PATIENCE_MINUTES && isWorking(world.cluster); i++) await world.clock.advance(MINUTE);
  const failed = [world.cluster, ...world.cluster.pools].find(({ state }) => state !== "Succeeded");
  if (failed) throw new AzError(`The operation on ${failed.name} ended in the state ${failed.state}.`);
}

function isWorking({ state, pools }: Cluster): boolean {
  return [state, ...pools.map((pool) => pool.state)].some((each) => each !== "Succeeded" && each !== "Failed");
}
