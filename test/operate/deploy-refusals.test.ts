import { describe, expect, test } from "vitest";
import { type Topic, PRINCIPAL, cluster, emptyAzure } from "./azure.ts";
import { openInTest, type Operator } from "./operator.ts";

const DEPLOY = "infra/operate/deploy.sh";
const SUBSCRIPTION = "00000000-0000-4000-8000-000000000001";
const UPDATE = `az eventgrid system-topic update --subscription ${SUBSCRIPTION}`;
const SHOP = cluster("shop");
const MILL = cluster("mill");
const YES = ["--name", "test", "--location", "westeurope", "--cluster", SHOP.id, "--yes"];
const isWindows = process.platform === "win32";

function open(...topics: readonly Topic[]): Operator {
  return openInTest({ ...emptyAzure([SHOP, MILL]), topics: [...topics] });
}

function openWithoutRoles(): Operator {
  const operator = open();
  operator.change((azure) => (azure.assignRoles = false));
  return operator;
}

function topic(source: string, topicType: string, changes: Partial<Topic> = {}): Topic {
  const identity = { type: "SystemAssigned", principalId: "of-the-topic" };
  const place = { subscription: SUBSCRIPTION, resourceGroup: "shop-nodes", source, topicType };
  return { ...place, name: "portal-made", tags: null, identity, ...changes };
}

const GROUP = topic(`/subscriptions/${SUBSCRIPTION}/resourceGroups/SHOP-NODES`, "microsoft.resources.resourcegroups");
const WHOLE = topic(`/subscriptions/${SUBSCRIPTION}`, "Microsoft.Resources.Subscriptions", { resourceGroup: "hub-rg" });
const OF_CLUSTER = topic(SHOP.id, "Microsoft.ContainerService.ManagedClusters", { resourceGroup: "shop-rg" });

/** Returns the clusters in the parameters of the template. */
async function givenClusters(operator: Operator, args: readonly string[] = []): Promise<readonly object[]> {
  const { journal, code, err } = await operator.run(DEPLOY, [...YES, ...args]);
  if (code !== 0) throw new Error(err);
  const create = journal.find(({ command }) => command === "deployment sub create");
  return JSON.parse(create?.variables?.["AKS_CLUSTERS"] ?? "[]");
}

describe.skipIf(isWindows)("existing system topics, not on Windows", () => {
  test("those of the node resource group and of the cluster are passed to the template", async () => {
    expect(await givenClusters(open(GROUP, OF_CLUSTER))).toEqual([
      {
        id: SHOP.id,
        nodeResourceGroup: "shop-nodes",
        location: "westeurope",
        existingSystemTopicName: "portal-made",
        existingSystemTopicResourceGroup: "shop-nodes",
        existingAksTopicName: "portal-made",
      },
    ]);
  });

  test.each([
    { kind: "of this deployment", tags: { "azd-env-name": "test" }, name: "evgt-awm-shop-nodes", passed: false },
    { kind: "of another deployment", tags: { "azd-env-name": "other" }, name: "evgt-awm-shop-nodes", passed: true },
    { kind: "with the tag alone", tags: { "azd-env-name": "test" }, name: "mine", passed: true },
  ])("one $kind is passed to the template: $passed", async ({ tags, name, passed }) => {
    const [given] = await givenClusters(open({ ...GROUP, tags, name, source: GROUP.source.replace("SHOP", "shop") }));
    expect(given && "existingSystemTopicName" in given).toBe(passed);
  });

  test("with --subscription-source, the topic of the subscription is passed to the template", async () => {
    const policy = { ...WHOLE, topicType: "Microsoft.PolicyInsights.PolicyStates", name: "policy" };
    const args = ["--cluster", MILL.id, "--subscription-source", MILL.id.toUpperCase()];
    expect(await givenClusters(open(policy, WHOLE), args)).toEqual([
      { id: SHOP.id, nodeResourceGroup: "shop-nodes", location: "westeurope" },
      {
        id: MILL.id,
        nodeResourceGroup: "mill-nodes",
        location: "westeurope",
        existingSystemTopicName: "portal-made",
        existingSystemTopicResourceGroup: "hub-rg",
        subscriptionSource: true,
      },
    ]);
  });
});

describe.skipIf(isWindows)("rejected before the first change, not on Windows", () => {
  const noIdentity = { identity: { type: "None", principalId: null } };
  test.each([
    {
      what: "a topic without an identity",
      topics: [{ ...GROUP, ...noIdentity }],
      says: `${UPDATE} --resource-group shop-nodes --name portal-made --identity systemassigned`,
    },
    {
      what: "a cluster's topic in another group",
      topics: [{ ...OF_CLUSTER, resourceGroup: "elsewhere" }],
      says: "is in the resource group elsewhere, but the template can use it only in shop-rg",
    },
    { what: "a cluster that does not exist", args: ["--cluster", cluster("gone").id], says: "'gone' was not found" },
    {
      what: "an ID that is not of a cluster",
      args: ["--cluster", "/subscriptions/x"],
      says: "contains '/subscriptions/x', which is not the resource ID of a cluster",
    },
    {
      what: "a subscription source that is not one of the clusters",
      args: ["--subscription-source", MILL.id],
      says: `${MILL.id}, which is not in AKS_CLUSTER_IDS`,
    },
  ])("$what", async ({ topics = [], args = [], says }) => {
    const { code, calls, err } = await open(...topics).run(DEPLOY, [...YES, ...args]);
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining(says) });
    expect(err).toContain("Nothing was changed.");
    expect(calls.filter((each) => !/version|account show|aks show|system-topic list/.test(each))).toEqual([]);
  });

  test("a locked node resource group, with the remedy and all other faults", async () => {
    const operator = open({ ...OF_CLUSTER, ...noIdentity });
    operator.change(({ clusters }) => {
      for (const each of clusters) each.nodeResourceGroupProfile = { restrictionLevel: "ReadOnly" };
    });
    const { code, err } = await operator.run(DEPLOY, [...YES, "--cluster", MILL.id]);
    expect(code).toBe(1);
    expect(err).toContain("shop-nodes of the cluster shop is locked");
    expect(err).toContain(
      "az aks update --resource-group mill-rg --name mill --nrg-lockdown-restriction-level Unrestricted",
    );
    expect(err).toContain("--identity systemassigned");
  });

  test.each([
    ["2.67.0", 1, "The Azure CLI is of version 2.67.0. Version 2.68.0 or newer is required.\nUpdate it: az upgrade"],
    ["2.9.1", 1, "Version 2.68.0 or newer"],
    ["", 1, "Version 2.68.0 or newer"],
    ["2.68.0", 0, ""],
    ["3.0.0", 0, ""],
  ])("an Azure CLI of version '%s': exit code %i", async (cli, code, says) => {
    const operator = open();
    operator.change((azure) => (azure.cli = cli));
    const ended = await operator.run(DEPLOY, [...YES, "--what-if"]);
    expect(ended).toMatchObject({ code, err: expect.stringContaining(says) });
    expect(ended.calls[0]).toBe("az version");
    expect(ended.calls.length > 1).toBe(code === 0);
  });

  test("an Azure CLI that is not signed in", async () => {
    const operator = open();
    operator.change((azure) => (azure.signedIn = false));
    const { code, err } = await operator.run(DEPLOY, YES);
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining("az login") });
  });

  test.each(["az", "func", "npm", "kubectl"])("without %s", async (without) => {
    const { code, calls, err } = await open().run(DEPLOY, YES, { without });
    expect({ code, calls, err }).toMatchObject({ code: 1, calls: [], err: expect.stringContaining(`  ${without}: `) });
  });

  test.each([
    { args: ["--location", "x", "--cluster", SHOP.id], says: "--name is missing" },
    { args: ["--name", "test", "--cluster", SHOP.id], says: "--location is missing" },
    { args: ["--name", "test", "--location", "x"], says: "--cluster is missing" },
    { args: ["--name"], says: "--name has no value" },
    { args: [...YES, "--wait", "soon"], says: "'soon' of --wait is not a number of seconds" },
    { args: [...YES, "--force"], says: "The option '--force' is unknown" },
  ])("incorrect usage: $says", async ({ args, says }) => {
    const { code, calls, err } = await open().run(DEPLOY, args);
    expect({ code, calls, err }).toMatchObject({ code: 2, calls: [], err: expect.stringContaining(says) });
  });
});

describe.skipIf(isWindows)("ASSIGN_ROLES=false, not on Windows", () => {
  const variables = { ASSIGN_ROLES: "false" };
  const OWN = "own-role";
  const actions = {
    actions: ["Microsoft.ContainerService/managedClusters/*"],
    notActions: [],
    dataActions: [],
    notDataActions: [],
  };

  test("stops before publishing, prints the missing assignments, and continues once they exist", async () => {
    const operator = openWithoutRoles();
    const stopped = await operator.run(DEPLOY, YES, { variables });
    expect(stopped.code).toBe(3);
    expect(stopped.calls).not.toContain("func azure functionapp publish");
    expect(stopped.out).toContain(`--assignee-object-id ${PRINCIPAL}`);
    expect(stopped.out).toContain(
      `--assignee-object-id principal of /subscriptions/${SUBSCRIPTION}/resourceGroups/shop-nodes`,
    );
    expect(stopped.out).toContain(`az role definition create --subscription ${SUBSCRIPTION}`);
    expect(stopped.out).toContain("2 of 2 roles are missing");

    operator.change(({ assignments, definitions, topics }) => {
      const scope = `/subscriptions/${SUBSCRIPTION}`;
      const topicPrincipal = topics[0]?.identity?.principalId ?? "";
      assignments.push({ principalId: topicPrincipal, roleDefinitionId: "/x/ba92f5b4", scope });
      assignments.push({ principalId: PRINCIPAL, roleDefinitionId: `/x/${OWN}`, scope: SHOP.id });
      definitions.push({ name: OWN, permissions: [actions] });
    });
    const done = await operator.run(DEPLOY, YES, { variables });
    expect(done.err).toBe("");
    expect(done.code).toBe(0);
    expect(done.out).toContain("All 2 roles");
  });

  test("a role of another identity, or with an exception, does not count", async () => {
    const operator = openWithoutRoles();
    operator.change(({ assignments, definitions }) => {
      assignments.push({
        principalId: "another",
        roleDefinitionId: "/x/ba92f5b4",
        scope: `/subscriptions/${SUBSCRIPTION}`,
      });
      assignments.push({ principalId: PRINCIPAL, roleDefinitionId: `/x/${OWN}`, scope: SHOP.id });
      definitions.push({ name: OWN, permissions: [{ ...actions, notActions: ["*/read"] }] });
    });
    const { code, out } = await operator.run(DEPLOY, YES, { variables });
    expect(code).toBe(3);
    expect(out).toContain("2 of 2 roles are missing");
  });
});
