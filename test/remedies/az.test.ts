import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rolesOf } from "../deployed/deployment.ts";
import { mintToken } from "../simulators/identity.ts";
import { APP, DEPLOYED, openWorld, type World } from "../world.ts";
import { openShell, type Shell } from "./shell.ts";

let world: World;
let shell: Shell;
beforeAll(async () => {
  world = await openWorld();
  shell = await openShell(world);
});
afterAll(async () => {
  await shell?.stop();
  await world?.stop();
});

const SUBSCRIPTION = "--subscription 00000000-0000-4000-8000-000000000001";
const CLUSTER = `${SUBSCRIPTION} --resource-group shop-rg --name shop`;
const POOL = `${SUBSCRIPTION} --resource-group shop-rg --cluster-name shop --name win1`;
const NODE_GROUP = "MC_shop-rg_shop_westeurope";
const NODE_GROUP_ID = `/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/${NODE_GROUP}`;
const SET = `${NODE_GROUP_ID}/providers/Microsoft.Compute/virtualMachineScaleSets/akswin1`;

/** Runs a command that must succeed; returns what it prints. */
async function run(command: string): Promise<string> {
  const { exitCode, stdout, stderr } = await shell.run(command);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout;
}

/** Returns the status of a request of the app on the scale set. */
async function appStatus(method = "GET", under = "", body?: object): Promise<number> {
  const token = mintToken({ oid: APP.oid, audience: "https://management.azure.com", now: world.clock.now() });
  const url = `https://management.azure.com${SET}${under}?api-version=2026-04-01`;
  const headers = { authorization: `Bearer ${token}` };
  return (await world.arm.handle({ method, url, headers, body: body && JSON.stringify(body) })).status;
}

/** The commands run in bash; on Windows, there is none. */
const isWindows = process.platform === "win32";

describe.skipIf(isWindows)("az aks, not on Windows", () => {
  test("update without a change needs --yes, and makes AKS try again what failed", async () => {
    await world.arm.actors.hold(world.cluster.id);
    await world.arm.actors.release(world.cluster.id, "Failed");
    expect(await shell.run(`az aks update ${CLUSTER}`)).toMatchObject({ exitCode: 1 });
    expect(world.cluster.state).toBe("Failed");
    await run(`az aks update ${CLUSTER} --yes`);
    expect(world.cluster.state).toBe("Succeeded");
    expect(world.arm.journal.at(-1)).toMatchObject({ who: "AKS", method: "PUT", status: 200 });
  });

  test("update changes the restriction of the node resource group", async () => {
    await run(`az aks update ${CLUSTER} --nrg-lockdown-restriction-level ReadOnly`);
    expect(world.cluster.restrictionLevel).toBe("ReadOnly");
    await run(`az aks update ${CLUSTER} --nrg-lockdown-restriction-level Unrestricted`);
    expect(world.cluster.restrictionLevel).toBe("Unrestricted");
  });

  test("start and nodepool start end the stop, and wait for it", async () => {
    await world.arm.actors.stopCluster(world.cluster.id);
    await world.clock.advance(10 * 60_000);
    expect(world.cluster.powerState).toBe("Stopped");
    await run(`az aks start ${CLUSTER}`);
    expect(world.cluster).toMatchObject({ powerState: "Running", state: "Succeeded" });
    await world.arm.actors.stopPool(world.cluster.id, "win1");
    await world.clock.advance(10 * 60_000);
    await run(`az aks nodepool start ${POOL}`);
    expect(world.cluster.pools.map(({ powerState }) => powerState)).toEqual(["Running", "Running", "Running"]);
  });
});

describe.skipIf(isWindows)("az role, lock and policy, not on Windows", () => {
  test("role assignment create grants a role by its name", async () => {
    const role = [...rolesOf(DEPLOYED).values()].find(({ role }) => role.includes("scale sets"))?.role ?? "";
    const assignee = `--assignee-object-id ${APP.oid} --assignee-principal-type ServicePrincipal`;
    await world.arm.actors.revokeRole("app", { role });
    expect(await appStatus()).toBe(403);
    await run(`az role assignment create ${assignee} --role "${role}" --scope ${NODE_GROUP_ID}`);
    expect(await appStatus()).toBe(200);
    const missing = await shell.run(`az role assignment create ${assignee} --role "No role" --scope ${NODE_GROUP_ID}`);
    expect(missing).toEqual({ exitCode: 1, stdout: "", stderr: "ERROR: Role 'No role' doesn't exist.\n" });
  });

  test("policy exemption create exempts a scale set", async () => {
    const id = `/subscriptions/00000000-0000-4000-8000-000000000001/providers/Microsoft.Authorization/policyAssignments`;
    await world.arm.actors.assignPolicy({ name: "no-dsc", type: "microsoft.powershell.dsc", effect: "deny" });
    const body = { properties: { publisher: "Microsoft.Powershell", type: "DSC", typeHandlerVersion: "2.83" } };
    expect(await appStatus("PUT", "/extensions/dsc", body)).toBe(403);
    const exemption = `--name metrics --policy-assignment ${id}/no-dsc --exemption-category Waiver`;
    await run(`az policy exemption create ${exemption} --scope ${SET}`);
    expect(await appStatus("PUT", "/extensions/dsc", body)).toBe(201);
  });

  test("lock list and lock delete remove a lock", async () => {
    await world.arm.actors.lock(world.cluster.id, "ReadOnly");
    const ids = await run(`az lock list ${SUBSCRIPTION} --resource-group ${NODE_GROUP} --query "[].id" --output tsv`);
    expect(ids).toBe(`${NODE_GROUP_ID}/providers/Microsoft.Authorization/locks/ReadOnly\n`);
    expect(await run("az lock list --resource-group shop-rg --output tsv --query [].id")).toBe("");
    await run(`az lock delete --ids $(az lock list --resource ${SET} --query "[].id" --output tsv)`);
    expect(await world.arm.actors.listLocks()).toEqual([]);
  });
});

test.skipIf(isWindows).each([
  ["az aks upgrade --name shop", "'aks upgrade' is misspelled or not recognized by the system."],
  ["az aks start --name shop", "the following arguments are required: --resource-group"],
  [`az aks start ${CLUSTER} --force`, "unrecognized arguments: --force"],
  ["az lock delete --ids", "argument --ids: found 0 values"],
])("az refuses '%s', not on Windows", async (command, message) => {
  const { exitCode, stdout, stderr } = await shell.run(command);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toContain(`ERROR: ${message}`);
});
