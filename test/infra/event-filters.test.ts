import { describe, expect, test } from "vitest";
import { parseEvent } from "../../shared/triggers/events.ts";
import { subscriptionsOf } from "../deployed/deployment.ts";
import { readSnapshot } from "../deployed/snapshot.ts";
import { matchesFilter } from "../simulators/event-filter.ts";

const SUBSCRIPTION = "/subscriptions/00000000-0000-4000-8000-000000000001";
const GROUP = `${SUBSCRIPTION}/resourceGroups/MC_shop-rg_shop_westeurope`;
const SETS = `${GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets`;
const CLUSTER = `${SUBSCRIPTION}/resourceGroups/shop-rg/providers/Microsoft.ContainerService/managedClusters/shop`;
const WRITE = "Microsoft.Compute/virtualMachineScaleSets/write";

/** An ARM event in Event Grid's schema. */
const arm = (subject: string, operationName: string, eventType = "Microsoft.Resources.ResourceWriteSuccess") => ({
  id: "1",
  topic: GROUP,
  subject,
  eventType,
  data: { resourceUri: subject, operationName, status: "Succeeded" },
});
/** An event of AKS, whose subject is the cluster's name. */
const aks = (kind: string) => ({
  id: "2",
  topic: CLUSTER,
  subject: "shop",
  eventType: `Microsoft.ContainerService.${kind}`,
  data: { nodePoolName: "win1" },
});

interface Row {
  readonly what: string;
  readonly event: object;
  readonly passes: boolean;
}
const ARM_EVENTS: readonly Row[] = [
  { what: "a scale set, written by AKS", event: arm(`${SETS}/akswin1`, WRITE), passes: true },
  {
    what: "the same in lower case, as AKS writes ids",
    event: arm(`${SETS}/akswin1`.toLowerCase(), WRITE.toLowerCase()),
    passes: true,
  },
  {
    what: "our own write of the extension",
    event: arm(`${SETS}/akswin1/extensions/windows-exporter-dsc`, WRITE.replace("write", "extensions/write")),
    passes: false,
  },
  {
    what: "our own upgrade of instances",
    event: arm(
      `${SETS}/akswin1`,
      WRITE.replace("write", "manualUpgrade/action"),
      "Microsoft.Resources.ResourceActionSuccess",
    ),
    passes: false,
  },
  {
    what: "a disk that is attached to an instance",
    event: arm(`${SETS}/akswin1/virtualMachines/0`, WRITE.replace("write", "virtualMachines/write")),
    passes: false,
  },
  {
    what: "a disk",
    event: arm(`${GROUP}/providers/Microsoft.Compute/disks/pvc-1`, "Microsoft.Compute/disks/write"),
    passes: false,
  },
  {
    what: "a network interface",
    event: arm(`${GROUP}/providers/Microsoft.Network/networkInterfaces/n`, "Microsoft.Network/networkInterfaces/write"),
    passes: false,
  },
  {
    what: "a scale set of another group",
    event: arm(`${SETS}/other`.replace("MC_shop-rg", "MC_other"), WRITE),
    passes: false,
  },
  {
    what: "a scale set of a group with the same name prefix",
    event: arm(`${SETS}/akswin1`.replace("westeurope/", "westeurope2/"), WRITE),
    passes: false,
  },
  {
    what: "a scale set that is deleted",
    event: arm(`${SETS}/akswin1`, WRITE.replace("write", "delete"), "Microsoft.Resources.ResourceDeleteSuccess"),
    passes: false,
  },
  {
    what: "a write that failed",
    event: arm(`${SETS}/akswin1`, WRITE, "Microsoft.Resources.ResourceWriteFailure"),
    passes: false,
  },
];
const AKS_EVENTS: readonly Row[] = [
  { what: "a pool has rolled", event: aks("NodePoolRollingSucceeded"), passes: true },
  { what: "a pool has failed to roll", event: aks("NodePoolRollingFailed"), passes: true },
  { what: "a pool begins to roll", event: aks("NodePoolRollingStarted"), passes: false },
  { what: "a new version of Kubernetes", event: aks("NewKubernetesVersionAvailable"), passes: false },
];

const subscriptions = subscriptionsOf(readSnapshot("sandbox"));
const filtersOf = (topicType: string) =>
  subscriptions.filter((each) => each.topicType === topicType).map(({ filter }) => filter);

describe.each([
  { source: "the node resource group", topicType: "Microsoft.Resources.ResourceGroups", events: ARM_EVENTS },
  { source: "AKS", topicType: "Microsoft.ContainerService.ManagedClusters", events: AKS_EVENTS },
])("events of $source", ({ topicType, events }) => {
  const filters = filtersOf(topicType);

  test("have one subscription", () => {
    expect(filters).toHaveLength(1);
  });

  test.each(events)("$what: delivered $passes", ({ event, passes }) => {
    expect(filters.some((filter) => matchesFilter(filter, event))).toBe(passes);
    // The app handles every delivered event, so none starts the function in vain.
    expect(passes && parseEvent(event).kind === "none").toBe(false);
  });
});

test("with a subscription as the source, each cluster's events pass one filter, and only theirs do", () => {
  const { predictedResources } = readSnapshot("fleet");
  const ofSubscriptions = subscriptionsOf({ predictedResources, outputs: {} }).filter(
    ({ topicType }) => topicType === "Microsoft.Resources.Subscriptions",
  );
  const passing = (group: string): number => {
    const set = `/subscriptions/00000000-0000-4000-8000-000000000002/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachineScaleSets/akswin1`;
    return ofSubscriptions.filter(({ filter }) => matchesFilter(filter, arm(set, WRITE))).length;
  };
  expect(["plant-north-nodes", "PLANT-WEST-nodes", "other-nodes"].map(passing)).toEqual([1, 1, 0]);
});
