import { existsSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../shared/model/report.ts";
import { inParallel } from "../contracts/kube-fixture.ts";
import { viewPublished } from "../sandbox/view.ts";
import { seed } from "../seed.ts";
import { clusterVerdicts, PublishedCluster } from "./published-cluster.ts";
import { type RandomNode, randomNodes } from "./random-nodes.ts";

const assets = process.env["KUBEBUILDER_ASSETS"] ?? "";
const hasControllers = assets !== "" && existsSync(path.join(assets, "kube-controller-manager"));
let cluster: PublishedCluster;

/** Returns the addresses of the nodes that can be published, sorted; twins have one. */
function goodOf(nodes: readonly RandomNode[]): readonly string[] {
  return [...new Set(nodes.flatMap(({ address }) => address ?? []))].toSorted();
}

/** The world has nodes of its own, in another range. */
const isRandom = (address: string): boolean => !address.startsWith("10.240.0.");

/** Returns the nodes without an endpoint, by the verdicts of a pass. */
function leftOut({ plan }: Report): readonly string[] {
  const without = plan.verdicts.filter(({ endpoint }) => endpoint && endpoint.endpoint === undefined);
  return without.flatMap(({ subject, reason, message }) =>
    subject.kind === "node" && reason !== undefined && message ? [subject.node] : [],
  );
}

describe.skipIf(!hasControllers)("random nodes on a real API server (needs kube-controller-manager)", () => {
  beforeAll(async () => {
    cluster = await PublishedCluster.start(assets);
  });
  afterEach(() => cluster.closeWorld());
  afterAll(() => cluster?.stop());

  test.each([1, 2, 3, 4, 5, 6])(
    "every good one is published, no garbage is, dead ones go, and each that is left out has a verdict (%i)",
    { timeout: 60_000 },
    async (run) => {
      const opened = await cluster.open();
      const own = (await cluster.real.list("Node")).length;
      const nodes = randomNodes(seed + run, 150);
      await inParallel(nodes, ({ object }) => cluster.real.putNode(object));
      await expectPublished(nodes);
      const alive = nodes.filter((_, index) => index % 3 > 0);
      await inParallel(
        nodes.filter((each) => !alive.includes(each)),
        ({ name }) => cluster.real.deleteNode(name),
      );
      await expectPublished(alive);

      async function expectPublished(those: readonly RandomNode[]): Promise<void> {
        const { outcomes } = await opened.publish();
        expect(outcomes.filter(({ status }) => status !== "done")).toEqual([]);
        const report = await opened.publish();
        expect(clusterVerdicts(report)).toEqual(["in-sync"]);
        const { endpoints, slices } = await viewPublished(opened.world);
        const inSlices = slices.flatMap(({ addresses }) => addresses);
        expect(inSlices.filter(isRandom).toSorted()).toEqual(goodOf(those));
        expect(endpoints.filter(isRandom).toSorted()).toEqual(goodOf(those));
        expect(leftOut(report)).toHaveLength(those.length + own - inSlices.length);
        const nameless = those.filter(({ address }) => address === undefined).map(({ name }) => name);
        expect(leftOut(report)).toEqual(expect.arrayContaining(nameless));
      }
    },
  );
});
