import { ComputeManagementClient, restorePoller } from "@azure/arm-compute";
import { describe, expect, test } from "vitest";
import { makeCertificate } from "../../certificates.ts";
import { credential, makeArm, NODE_GROUP, SUBSCRIPTION } from "../arm-fixture.ts";
import { putForeign, upgradeInstances } from "../arm-requests.ts";
import { openHttpsFront } from "./https-front.ts";

const SET = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${NODE_GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/akswin1`;

describe("plain SDK client", () => {
  test("lists instances page by page, with an empty last page", async () => {
    const { compute, arm } = makeArm({ pageSize: 2 });
    const pages: number[] = [];
    const all = compute.virtualMachineScaleSetVMs.list(NODE_GROUP, "akswin1", { expand: "instanceView" });
    for await (const page of all.byPage()) pages.push(page.length);
    expect(pages).toEqual([2, 1, 0]);
    expect(arm.journal.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(arm.journal[0]).toMatchObject({ who: "tester", apiVersion: "2026-04-01" });
  });

  test("reads clusters, pools and a scale set with names in any case", async () => {
    const { compute, containers } = makeArm();
    const cluster = await containers.managedClusters.get("RG", "SHOP");
    expect(cluster).toMatchObject({ provisioningState: "Succeeded", nodeResourceGroup: NODE_GROUP });
    const pool = await containers.agentPools.get("RG", "SHOP", "WIN1");
    expect(pool).toMatchObject({ osType: "Windows", count: 3, provisioningState: "Succeeded" });
    const set = await compute.virtualMachineScaleSets.get(NODE_GROUP.toUpperCase(), "AKSWIN1");
    expect(set.virtualMachineProfile?.extensionProfile?.extensions?.map(({ name }) => name)).toEqual([
      "vmssCSE",
      "akswin1-AKSWindowsBilling",
    ]);
    expect(set).toMatchObject({ etag: '"1"', upgradePolicy: { mode: "Manual" } });
  });

  test("puts an extension, and another client resumes polling its operation", async () => {
    const { compute, clock, set } = makeArm();
    const extension = {
      publisher: "Contoso",
      typePropertiesType: "Agent",
      typeHandlerVersion: "1.0",
      protectedSettings: { key: "geheim" },
    };
    const api = compute.virtualMachineScaleSetExtensions;
    const poller = api.createOrUpdate(NODE_GROUP, "akswin1", "agent", extension);
    await poller.submitted();
    const state = await poller.serialize();
    expect(state).not.toContain("geheim");
    expect(set.state).toBe("Updating");
    await clock.advance(1000);
    const done = await restorePoller(compute, state, api.createOrUpdate).pollUntilDone();
    expect(done).toMatchObject({ name: "agent", typePropertiesType: "Agent" });
    expect(JSON.stringify(await api.get(NODE_GROUP, "akswin1", "agent"))).not.toContain("geheim");
    expect(set.virtualMachineProfile.extensionProfile.extensions.at(-1)?.properties.protectedSettings).toEqual({
      key: "geheim",
    });
    expect(set.instances.every(({ extensions }) => extensions.length === 2)).toBe(true);
  });

  test("upgrades instances to the model and receives an event at the end", async () => {
    const arm = makeArm();
    await putForeign(arm, { settings: { a: 1 } });
    const body = { instanceIds: ["0", "1"] };
    const poller = arm.compute.virtualMachineScaleSets.updateInstances(NODE_GROUP, "akswin1", body);
    await poller.submitted();
    await arm.clock.advance(60_000);
    await poller.pollUntilDone();
    const vms = await Array.fromAsync(arm.compute.virtualMachineScaleSetVMs.list(NODE_GROUP, "akswin1"));
    expect(vms.map(({ latestModelApplied }) => latestModelApplied)).toEqual([true, true, false]);
    expect(arm.events.map(({ data }) => data["operationName"])).toEqual([
      "Microsoft.Compute/virtualMachineScaleSets/extensions/write",
      "Microsoft.Compute/virtualMachineScaleSets/manualUpgrade/action",
    ]);
    expect(arm.events[0]).toMatchObject({
      eventType: "Microsoft.Resources.ResourceWriteSuccess",
      subject: `${SET}/extensions/agent`,
      data: { claims: { appid: "app" }, status: "Succeeded" },
    });
  });

  test("works through a real socket, including links to the next page", async () => {
    const { arm } = makeArm({ pageSize: 2 });
    const certificate = await makeCertificate();
    const front = await openHttpsFront(arm, certificate);
    const client = new ComputeManagementClient(credential, SUBSCRIPTION, {
      endpoint: front.url,
      tlsOptions: { ca: certificate.cert },
    });
    const vms = await Array.fromAsync(client.virtualMachineScaleSetVMs.list(NODE_GROUP, "akswin1"));
    await front.close();
    expect(vms.map(({ instanceId }) => instanceId)).toEqual(["0", "1", "2"]);
  });
});

test("the journal hides protectedSettings and has the action and status of each request", async () => {
  const arm = makeArm();
  await putForeign(arm, { protectedSettings: { key: "geheim" } });
  await upgradeInstances(arm, "0");
  expect(
    arm.arm.journal.map(({ method, action, status, n }) => [n, method, action.split("/").slice(1).join("/"), status]),
  ).toEqual([
    [1, "PUT", "virtualMachineScaleSets/extensions/write", 201],
    [2, "POST", "virtualMachineScaleSets/manualUpgrade/action", 202],
  ]);
  expect(JSON.stringify(arm.arm.journal)).not.toContain("geheim");
  expect(JSON.stringify(arm.arm.journal[0]?.body)).toContain("(hidden)");
});
