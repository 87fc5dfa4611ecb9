import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rolesOf, storageOf } from "../deployed/deployment.ts";
import { onlyResourceOf } from "../deployed/snapshot.ts";
import type { ScaleSet } from "../simulators/arm/world.ts";
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

  test("nodepool upgrade replaces the image of every node", async () => {
    await run(`az aks nodepool upgrade ${POOL} --node-image-only`);
    expect(win1().instances.map(({ image }) => image)).toEqual(["20348.3001", "20348.3001", "20348.3001"]);
  });

  test("get-credentials merges the cluster into the kubeconfig, and replaces it only if told to", async () => {
    await run(`az aks get-credentials ${CLUSTER}`);
    const file = join(shell.home, ".kube", "config");
    const { clusters, contexts, ...rest } = JSON.parse(readFileSync(file, "utf8"));
    expect([clusters[0].cluster.server, contexts[0].name, rest["current-context"]]).toEqual([
      world.kube.url,
      "shop",
      "shop",
    ]);
    writeFileSync(file, readFileSync(file, "utf8").replace(world.kube.url, "https://old"));
    const kept = await shell.run(`az aks get-credentials ${CLUSTER}`);
    expect(kept).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("named shop already exists") });
    await run(`az aks get-credentials ${CLUSTER} --overwrite-existing --output none`);
    expect(readFileSync(file, "utf8")).toContain(world.kube.url);
    await run(`az aks get-credentials ${CLUSTER} --file "$HOME/other"`);
    expect(readFileSync(join(shell.home, "other"), "utf8")).toContain(world.kube.url);
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

/** Returns the scale set of win1. */
function win1(): ScaleSet {
  const found = world.arm.world.scaleSets.find(({ name }) => name === "akswin1");
  if (!found) throw new Error("no scale set akswin1");
  return found;
}

describe.skipIf(isWindows)("scale sets, not on Windows", () => {
  test("resource patch changes the upgrade policy, which vmss update may not", async () => {
    Object.assign(win1(), { upgradePolicy: { mode: "Automatic" } });
    const update = `az vmss update ${SUBSCRIPTION} --resource-group ${NODE_GROUP} --name akswin1`;
    const refused = await shell.run(`${update} --set upgradePolicy.mode=Manual`);
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("LinkedAuthorizationFailed") });
    await run(`az resource patch --ids ${SET} --properties '{"upgradePolicy":{"mode":"Manual"}}'`);
    expect(win1().upgradePolicy).toEqual({ mode: "Manual" });
  });

  test("rest ends the protection of an instance, which vmss update may not", async () => {
    const [instance] = win1().instances;
    Object.assign(instance?.protection ?? {}, { protectFromScaleSetActions: true });
    const update = `az vmss update ${SUBSCRIPTION} --resource-group ${NODE_GROUP} --name akswin1`;
    const refused = await shell.run(`${update} --instance-id ${instance?.id} --protect-from-scale-set-actions false`);
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("LinkedAuthorizationFailed") });
    const body = `{"location":"westeurope","properties":{"protectionPolicy":{"protectFromScaleSetActions":false}}}`;
    const url = `${SET}/virtualMachines/${instance?.id}?api-version=2026-04-01`;
    await run(`az rest --method put --url "${url}" --body '${body}'`);
    await world.clock.advance(1000);
    expect(instance?.protection.protectFromScaleSetActions).toBe(false);
  });

  test("resource delete removes an extension, which vmss extension delete may not", async () => {
    const [extension] = win1().virtualMachineProfile.extensionProfile.extensions;
    const set = `${SUBSCRIPTION} --resource-group ${NODE_GROUP} --vmss-name akswin1`;
    const refused = await shell.run(`az vmss extension delete ${set} --name ${extension?.name}`);
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("LinkedAuthorizationFailed") });
    await run(`az resource delete --ids ${SET}/extensions/${extension?.name}`);
    expect(win1().virtualMachineProfile.extensionProfile.extensions).not.toContainEqual(extension);
  });
});

describe.skipIf(isWindows)("the app and its storage, not on Windows", () => {
  test("storage blob lease break ends a lease", async () => {
    const blob = world.packageContainer.getBlobClient("current.json");
    await blob.getBlobLeaseClient().acquireLease(60);
    const place = `--account-name ${storageOf(DEPLOYED).packages.name} --container-name packages`;
    const lease = `az storage blob lease break ${place} --blob-name current.json`;
    expect(await shell.run(lease)).toMatchObject({ exitCode: 2 });
    await run(`${lease} --auth-mode login --lease-break-period 0`);
    expect((await blob.getProperties()).leaseState).toBe("broken");
    const again = await shell.run(`${lease}x --auth-mode login`);
    expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("BlobNotFound") });
  });

  test("storage account show prints the ID of an account", async () => {
    const { id, name } = storageOf(DEPLOYED).host;
    expect(await run(`az storage account show --name ${name} --query id --output tsv`)).toBe(`${id}\n`);
    const other = await shell.run("az storage account show --name other");
    expect(other).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("'other' was not found") });
  });

  test("functionapp config appsettings set keeps the settings", async () => {
    const { id, name } = onlyResourceOf(DEPLOYED, "Microsoft.Web/sites");
    const app = `--resource-group ${id.split("/")[4]} --name ${name}`;
    await run(`az functionapp config appsettings set ${app} --settings MODE=install POOLS=a=b --output none`);
    expect(shell.appSettings).toEqual({ MODE: "install", POOLS: "a=b" });
    const other = await shell.run(`az functionapp config appsettings set ${app}2 --settings MODE=observe`);
    expect(other).toMatchObject({ exitCode: 1 });
  });

  test("npm run dsc:publish is signed in with the Azure CLI", async () => {
    const published = await run(`npm run --silent dsc:publish -- --container ${world.packageContainer.url} --list`);
    expect(published).toContain(world.package.hash);
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
