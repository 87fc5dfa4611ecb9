import { existsSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../shared/model/report.ts";
import { MINUTE_MS } from "../../shared/model/time.ts";
import { inParallel, windowsNode } from "../contracts/kube-fixture.ts";
import type { Passes } from "../passes.ts";
import { viewPublished } from "../sandbox/view.ts";
import { clusterVerdicts, PATIENCE, PublishedCluster, service } from "./published-cluster.ts";

const assets = process.env["KUBEBUILDER_ASSETS"] ?? "";
const hasControllers = assets !== "" && existsSync(path.join(assets, "kube-controller-manager"));
const OWNER_LABEL = "aks-windows-metrics/app";
/** Nodes of the world, next to which a test adds more. */
const WORLD_NODES = 3;
let cluster: PublishedCluster;

type Two = readonly [left: () => Promise<Report>, right: () => Promise<Report>];

/** Opens a world with two copies of the app, which have one cluster and nothing else in common. */
async function openTwo(nodes: number): Promise<{ readonly opened: Passes; readonly two: Two }> {
  const opened = await cluster.open();
  const more = Array.from({ length: nodes - WORLD_NODES }, (_, index) => windowsNode(index + 1000));
  await inParallel(more, (node) => cluster.real.putNode(node));
  const copy = (OWNER: string) => (): Promise<Report> =>
    opened.beside({ OWNER, STATE_CONTAINER_URL: `${opened.world.hostAccountUrl}/${OWNER}` });
  return { opened, two: [copy("left"), copy("right")] };
}

/** Returns the owners of all objects, each once. */
async function ownersOf(): Promise<readonly (string | undefined)[]> {
  const objects = [
    ...(await cluster.real.list("EndpointSlice")),
    await cluster.real.get("Endpoints", "windows-exporter"),
  ];
  return [...new Set(objects.map((each) => each?.metadata.labels?.[OWNER_LABEL]))];
}

/** Expects that one copy publishes every node and is in sync, and that the other says whose the objects are. */
async function expectOneWhole({ world }: Passes, [left, right]: Two, nodes: number): Promise<void> {
  const owners = await ownersOf();
  expect(owners).toEqual([expect.any(String)]);
  const { endpoints, slices } = await viewPublished(world);
  const addresses = slices.flatMap((each) => each.addresses);
  expect([new Set(addresses).size, addresses.length, endpoints.length]).toEqual([nodes, nodes, nodes]);
  const reports = [await left(), await right()];
  const verdicts = reports.flatMap((report) =>
    report.plan.verdicts.filter(({ subject }) => subject.kind === "cluster"),
  );
  const refused = verdicts.find(({ state }) => state === "refused");
  expect(verdicts.map(({ state }) => state).toSorted()).toEqual(["in-sync", "refused"]);
  expect(refused).toMatchObject({ reason: "another-app", names: { owner: owners[0] } });
}

async function forgetAll(): Promise<void> {
  await inParallel(await cluster.real.list("EndpointSlice"), ({ metadata }) =>
    cluster.real.delete("EndpointSlice", metadata.name),
  );
  await cluster.real.delete("Endpoints", "windows-exporter");
}

describe.skipIf(!hasControllers)("two owners on a real API server (needs kube-controller-manager)", () => {
  beforeAll(async () => {
    cluster = await PublishedCluster.start(assets);
  });
  afterEach(() => cluster.closeWorld());
  afterAll(() => cluster?.stop());

  test("of 20 first starts at the same time, each has one copy publish whole", { timeout: 240_000 }, async () => {
    const { opened, two } = await openTwo(120);
    const winners = new Set<unknown>();
    for (let start = 0; start < 20; start++) {
      // A copy reads the credentials of a cluster anew, which Azure allows some times in a minute.
      await opened.world.clock.advance(MINUTE_MS);
      await forgetAll();
      // The copies take turns in being called first.
      await Promise.all((start % 2 ? two : two.toReversed()).map((pass) => pass()));
      await expectOneWhole(opened, two, 120);
      winners.add((await ownersOf())[0]);
    }
    expect(winners.size).toBe(2);
  });

  test("of a first start at the same time with 900 nodes, one copy publishes whole", { timeout: 120_000 }, async () => {
    const { opened, two } = await openTwo(900);
    await Promise.all(two.map((pass) => pass()));
    expect(await ownersOf()).toHaveLength(1);
    await expectOneWhole(opened, two, 900);
  });

  test("after the Service was deleted and applied again, one copy publishes whole", { timeout: 120_000 }, async () => {
    const { opened, two } = await openTwo(250);
    for (let times = 0; times < 5; times++) {
      await opened.world.clock.advance(MINUTE_MS);
      await Promise.all(two.map((pass) => pass()));
      await cluster.real.delete("Service", "windows-exporter");
      await cluster.real.apply(service());
      // At the same time, the controllers collect the objects of the former Service.
      const settled = async (): Promise<readonly string[]> => {
        const reports = await Promise.all(two.map((pass) => pass()));
        await cluster.watch.settle();
        return reports.flatMap(clusterVerdicts).toSorted();
      };
      await expect.poll(settled, { ...PATIENCE, timeout: 60_000 }).toEqual(["in-sync", "refused another-app"]);
      await expectOneWhole(opened, two, 250);
    }
  });
});
