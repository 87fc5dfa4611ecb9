import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const FOLDER = new URL("../../infra/roles/", import.meta.url);
const SCALE_SETS = "Microsoft.Compute/virtualMachineScaleSets";
const CLUSTERS = "Microsoft.ContainerService/managedClusters";
const BLOBS = "Microsoft.Storage/storageAccounts/blobServices";

/** All permissions of the app. A new call needs its action here, in the role and on the permissions page. */
const ROLES = [
  {
    file: "cluster.json",
    scope: "cluster",
    actions: [`${CLUSTERS}/agentPools/read`, `${CLUSTERS}/listClusterUserCredential/action`, `${CLUSTERS}/read`],
    dataActions: [],
  },
  {
    file: "node-resource-group.json",
    scope: "nodeResourceGroup",
    actions: [
      `${SCALE_SETS}/extensions/read`,
      `${SCALE_SETS}/extensions/write`,
      `${SCALE_SETS}/manualUpgrade/action`,
      `${SCALE_SETS}/read`,
      `${SCALE_SETS}/virtualMachines/instanceView/read`,
      `${SCALE_SETS}/virtualMachines/read`,
    ],
    uninstallActions: [`${SCALE_SETS}/extensions/delete`],
    dataActions: [],
  },
  {
    file: "package.json",
    scope: "packageStorageAccount",
    actions: [`${BLOBS}/generateUserDelegationKey/action`],
    dataActions: [`${BLOBS}/containers/blobs/read`],
  },
];

test("there is a case for each role", () => {
  expect(readdirSync(FOLDER).toSorted()).toEqual(ROLES.map(({ file }) => file));
});

test.each(ROLES)("$file grants exactly what the app calls", ({ file, scope, actions, dataActions, ...only }) => {
  const role: { scope: string; actions: string[]; dataActions: string[]; uninstallActions?: string[] } = JSON.parse(
    readFileSync(new URL(file, FOLDER), "utf8"),
  );
  expect(role.scope).toBe(scope);
  expect(role.actions.toSorted()).toEqual(actions);
  expect(role.dataActions).toEqual(dataActions);
  expect(role.uninstallActions).toEqual(only.uninstallActions);
});
