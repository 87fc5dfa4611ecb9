import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readConfig } from "../../shared/config/config.ts";
import { parseClusterId } from "../../shared/model/ids.ts";
import { clustersOf, type EventSubject, parseEvent } from "../../shared/triggers/events.ts";
import { CLUSTER_ID, SET_ID } from "../build.ts";
import { seed } from "../seed.ts";

const SET_URI =
  "/subscriptions/5B0B/resourceGroups/MC_Shop/providers/Microsoft.Compute/virtualMachineScaleSets/akswin1";
const CLUSTER_URI =
  "/subscriptions/5b0b/resourceGroups/shop-rg/providers/Microsoft.ContainerService/managedClusters/Shop";
const write = "Microsoft.Resources.ResourceWriteSuccess";
const rolled = "Microsoft.ContainerService.NodePoolRollingSucceeded";
const scaleSet = { kind: "scale-set", subscription: "5b0b", resourceGroup: "mc_shop" };

const EVENTS: readonly { readonly what: string; readonly event: unknown; readonly subject: object }[] = [
  {
    what: "a scale set, in Event Grid's schema",
    event: { id: "1", eventType: write, subject: SET_URI, data: { resourceUri: SET_URI } },
    subject: scaleSet,
  },
  {
    what: "a scale set, as a CloudEvent",
    event: { specversion: "1.0", type: write, source: "/subscriptions/5b0b", data: { resourceUri: SET_URI } },
    subject: scaleSet,
  },
  {
    what: "a scale set, by its subject alone",
    event: { eventType: write, subject: SET_URI },
    subject: scaleSet,
  },
  {
    what: "a scale set, in lower case",
    event: { eventType: write.toLowerCase(), data: { resourceUri: SET_URI.toLowerCase() } },
    subject: scaleSet,
  },
  {
    what: "something in a scale set",
    event: { eventType: write, data: { resourceUri: `${SET_URI}/extensions/windows-exporter-dsc` } },
    subject: scaleSet,
  },
  {
    what: "a cluster, in Event Grid's schema",
    event: { eventType: rolled, topic: CLUSTER_URI, data: { nodePoolName: "win1" } },
    subject: { kind: "cluster", id: CLUSTER_URI },
  },
  {
    what: "a cluster, as a CloudEvent",
    event: { type: rolled, source: CLUSTER_URI },
    subject: { kind: "cluster", id: CLUSTER_URI },
  },
  {
    what: "a cluster whose roll failed",
    event: { type: rolled.replace("Succeeded", "Failed"), source: CLUSTER_URI },
    subject: { kind: "cluster", id: CLUSTER_URI },
  },
  {
    what: "nothing when it is a text",
    event: "event",
    subject: { kind: "none", message: expect.stringMatching(/found string/) },
  },
  {
    what: "nothing when it is a list",
    event: [{}],
    subject: { kind: "none", message: expect.stringMatching(/expected an event/) },
  },
  {
    what: "nothing when it is null",
    event: null,
    subject: { kind: "none", message: expect.stringMatching(/expected an event/) },
  },
  {
    what: "nothing without a type",
    event: { data: {} },
    subject: { kind: "none", message: expect.stringMatching(/no eventType or type/) },
  },
  {
    what: "nothing when its type is a number",
    event: { eventType: 1 },
    subject: { kind: "none", message: expect.stringMatching(/eventType/) },
  },
  { what: "nothing when the type only begins so", event: { type: `${write}2` }, subject: { kind: "none" } },
  {
    what: "nothing when a roll has begun",
    event: { type: rolled.replace("Succeeded", "Started"), source: CLUSTER_URI },
    subject: {
      kind: "none",
      message: expect.stringMatching(/does not handle events of type .*NodePoolRollingStarted/),
    },
  },
  {
    what: "nothing when a roll names no cluster",
    event: { type: rolled },
    subject: { kind: "none", message: expect.stringMatching(/topic/) },
  },
  {
    what: "nothing when the write is a disk's",
    event: { eventType: write, data: { resourceUri: SET_URI.replace("virtualMachineScaleSets", "disks") } },
    subject: { kind: "none", message: expect.stringMatching(/not about a scale set/) },
  },
  {
    what: "nothing when its address is no text",
    event: { eventType: write, data: { resourceUri: 7 } },
    subject: { kind: "none", message: expect.stringMatching(/not about a scale set/) },
  },
  {
    what: "a scale set, by its subject when its data are a text",
    event: { eventType: write, data: "x", subject: SET_URI },
    subject: scaleSet,
  },
  {
    what: "nothing when its type is a number, whatever the type of the other schema",
    event: { eventType: 1, type: rolled, source: CLUSTER_URI },
    subject: { kind: "none", message: expect.stringMatching(/no eventType or type/) },
  },
  {
    what: "a cluster when the fields of the other schema are null",
    event: { eventType: null, type: rolled, topic: null, source: CLUSTER_URI, data: null },
    subject: { kind: "cluster", id: CLUSTER_URI },
  },
  { what: "nothing when its data are no object", event: { eventType: write, data: "x" }, subject: { kind: "none" } },
];

describe("an event is about", () => {
  test.each(EVENTS)("$what", ({ event, subject }) => {
    expect(parseEvent(event)).toMatchObject(subject);
  });
});

test("any JSON, also in the fields of an event, is an event or has a message", () => {
  const type = fc.oneof(fc.constant(write), fc.constant(rolled), fc.jsonValue());
  const uri = fc.oneof(fc.constant(SET_URI), fc.constant(CLUSTER_URI), fc.jsonValue());
  const data = fc.oneof(fc.record({ resourceUri: uri }), fc.jsonValue());
  const names = { eventType: type, type, topic: uri, source: uri, subject: uri, data };
  const seen = { "scale-set": 0, cluster: 0, none: 0 };
  fc.assert(
    fc.property(fc.oneof(fc.record(names, { requiredKeys: [] }), fc.jsonValue()), (event) => {
      const subject = parseEvent(event);
      seen[subject.kind] += 1;
      expect(subject).toSatisfy((found: EventSubject) => found.kind !== "none" || found.message !== "");
    }),
    { numRuns: 2000, seed },
  );
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(50);
});

/** Two clusters of one subscription and one of another; where memory knows none, any group may be a cluster's. */
function meant(
  subject: EventSubject,
  groups: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  const names = Object.keys(groups);
  const clusters = names.map((name) => parseClusterId(CLUSTER_URI.replace("Shop", name)));
  const abroad = parseClusterId(CLUSTER_URI.replace("5b0b", "ffff").replace("Shop", names.join("")));
  const config = readConfig({
    AKS_CLUSTER_IDS: [...clusters, abroad].join(","),
    PACKAGE_CONTAINER_URL: "https://packages.blob.core.windows.net/dsc",
    AzureWebJobsStorage__accountName: "hoststore",
  });
  const facts = {
    exporters: () => Promise.reject(new Error("an event needs no exporter")),
    nodeResourceGroup: (cluster: string) =>
      Promise.resolve(Object.entries(groups).find(([name]) => cluster.includes(name))?.[1]),
  };
  return clustersOf(subject, { config, facts }, new AbortController().signal);
}

function nameOf(id: string): string | undefined {
  return id.split("/").at(-1);
}

describe("an event means", () => {
  const event: EventSubject = { kind: "scale-set", subscription: "5b0b", resourceGroup: "mc_shop" };

  test("the cluster whose node resource group it is in, without regard to case", async () => {
    expect((await meant(event, { one: "MC_Shop", two: "mc_other" })).map(nameOf)).toEqual(["one"]);
  });

  test("each cluster of its subscription that was never looked at, too", async () => {
    expect((await meant(event, { three: "mc_shop", four: undefined })).map(nameOf)).toEqual(["three", "four"]);
  });

  test("none where another group is meant", async () => {
    expect(await meant(event, { five: "mc_other" })).toEqual([]);
  });

  test("the cluster that it names, without regard to case", async () => {
    const id = CLUSTER_URI.replace("Shop", "SIX").toUpperCase();
    expect((await meant({ kind: "cluster", id }, { six: "mc_six" })).map(nameOf)).toEqual(["six"]);
    expect(await meant({ kind: "cluster", id: SET_ID }, { six: "mc_six" })).toEqual([]);
  });

  test("none when it is about nothing", async () => {
    expect(await meant({ kind: "none", message: "" }, { seven: undefined })).toEqual([]);
    expect(CLUSTER_ID).toBe(CLUSTER_URI.toLowerCase());
  });
});
