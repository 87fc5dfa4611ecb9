import { expect, test } from "vitest";
import { grantsOf, storageOf } from "../deployed/deployment.ts";
import { runtimeValues } from "../deployed/runtime-values.ts";
import { readSnapshot } from "../deployed/snapshot.ts";
import { storageRightOf } from "../deployed/storage-right.ts";
import { openPasses } from "../passes.ts";
import { covers } from "../simulators/arm/authorize.ts";

const snapshot = readSnapshot("sandbox");
const values = runtimeValues({ oid: "app", clientId: "client", blobsOf: (account) => account });
const granted = grantsOf(snapshot, values).filter(({ principalId }) => principalId === "app");
const BLOBS = "Microsoft.Storage/storageAccounts/blobServices";

test("both flows need exactly the permissions that the deployment grants", async () => {
  const { world, live, publish } = await openPasses();
  const from = world.azurite.accessLog.length;
  await live(30);
  await publish();
  await world.arm.aks.scale(world.cluster.id, "win1", 5);
  await live(20);
  await publish();

  const calls = world.arm.journal.filter(({ who }) => who === "app");
  const used = new Set(calls.flatMap(({ permissions }) => permissions).map((each) => each.toLowerCase()));
  const inAzure = granted
    .flatMap(({ actions }) => actions)
    .filter((each) => /\.(Compute|ContainerService)\//.test(each));
  expect([...used].toSorted()).toEqual(inAzure.map((each) => each.toLowerCase()).toSorted());

  const accounts = storageOf(snapshot);
  const needed = world.azurite.accessLog.slice(from).flatMap((line) => storageRightOf(line) ?? []);
  const ungranted = needed.filter(({ account, right }) => {
    const id = Object.values(accounts).find(({ name }) => name === account)?.id ?? "";
    const rights = granted
      .filter(({ scope }) => scope === id)
      .flatMap(({ actions, dataActions }) => [...actions, ...dataActions]);
    return !rights.some((each) => covers(each, right));
  });
  expect(ungranted).toEqual([]);
  // Every permission on the packages is needed.
  const onPackages = needed.filter(({ account }) => account === accounts.packages.name).map(({ right }) => right);
  expect([...new Set(onPackages)].toSorted()).toEqual([
    `${BLOBS}/containers/blobs/read`,
    `${BLOBS}/generateUserDelegationKey/action`,
  ]);
  await world.stop();
});
