import { describe, expect, test } from "vitest";
import { type Azure, PRINCIPAL, cluster, emptyAzure } from "./azure.ts";
import { openInTest, type Operator } from "./operator.ts";

const DEPLOY = "infra/operate/deploy.sh";
const SHOP = cluster("shop");
const PLANT = cluster("plant", "00000000-0000-4000-8000-000000000002");
const YES = ["--name", "test", "--location", "westeurope", "--cluster", SHOP.id, "--yes"];
/** The scripts need bash; on Windows, the azd hooks use PowerShell. */
const isWindows = process.platform === "win32";

function open(...clusters: Parameters<typeof emptyAzure>[0]): Operator {
  return openInTest(emptyAzure(clusters));
}

describe.skipIf(isWindows)("deploy.sh and the clusters, not on Windows", () => {
  test("two clusters in two subscriptions are one parameter, with topics and manifests for each", async () => {
    const operator = open(SHOP, PLANT);
    const { code, calls, journal } = await operator.run(DEPLOY, [...YES, "--cluster", PLANT.id]);
    expect(code).toBe(0);
    const create = journal.find(({ command }) => command === "deployment sub create");
    const given: { id: string }[] = JSON.parse(create?.variables?.["AKS_CLUSTERS"] ?? "[]");
    expect(given.map(({ id }) => id)).toEqual([SHOP.id, PLANT.id]);
    expect(calls.filter((each) => each === "az eventgrid system-topic list")).toHaveLength(2);
    const credentials = journal.filter(({ command }) => command === "aks get-credentials");
    expect(credentials.map(({ options }) => options["subscription"])).toEqual([
      ["00000000-0000-4000-8000-000000000001"],
      ["00000000-0000-4000-8000-000000000002"],
    ]);
  });

  test.each([
    {
      why: "unreachable",
      change: (azure: Azure) => azure.unreachable.push("shop"),
      says: "This machine does not reach the API server.",
    },
    {
      why: "forbidden",
      change: (azure: Azure) => azure.forbidden.push("shop"),
      says: "The cluster denies it to your account.",
    },
    {
      why: "without kubelogin",
      change: (azure: Azure) => Object.assign(azure.clusters[0] ?? {}, { kubeconfig: "shop\ncommand: kubelogin" }),
      says: "The cluster has Microsoft Entra integration, and kubelogin is not installed. Install it: az aks install-cli.",
      without: "kubelogin",
    },
  ])("a cluster that is $why is told apart, and the other is done: exit code 4", async ({ change, says, without }) => {
    const operator = open(SHOP, PLANT);
    operator.change(change);
    const run = without === undefined ? {} : { without };
    const { code, calls, out } = await operator.run(DEPLOY, [...YES, "--cluster", PLANT.id], run);
    expect(code).toBe(4);
    expect(calls.filter((each) => each === "kubectl apply")).toHaveLength(1);
    expect(out).toContain(`Not done yet: the manifests were not applied to ${SHOP.id}.\n${says}`);
    expect(out).toContain(`s/%OBJECT_ID%/${PRINCIPAL}/' | kubectl apply --filename -`);
    expect(out).toMatch(/== Deployed ==[^]*\nNot done yet: the manifests of at least one cluster\./);
    operator.change((azure) => Object.assign(azure, { unreachable: [], forbidden: [] }));
    expect(await operator.run(DEPLOY, [...YES, "--cluster", PLANT.id])).toMatchObject({ code: 0 });
  });

  test("it applies the manifests in the namespace of the app settings", async () => {
    const variables = { APP_SETTINGS: '{"SCRAPE_NAMESPACE":"metrics"}' };
    const { code, journal } = await open(SHOP).run(DEPLOY, YES, { variables });
    expect(code).toBe(0);
    const created = journal.find(({ command }) => command === "create namespace");
    expect(created?.words).toEqual(["metrics"]);
    const apply = journal.find(({ command }) => command === "apply");
    const namespaces = apply?.input?.match(/^ *namespace: .*$/gm) ?? [];
    expect(new Set(namespaces)).toEqual(new Set(["  namespace: metrics"]));
  });

  test.each([
    { args: ["--principal", "me"], says: "The value 'me' of --principal is not an object ID" },
    { args: ["--namespace", "Metrics"], says: "The value 'Metrics' of --namespace is not the name of a namespace" },
    { args: ["--namespace"], says: "The last option has no value" },
    { args: ["--prometheus", "../base"], says: "The value '../base' of --prometheus is not an overlay" },
    { args: ["--context", "x"], says: "The option '--context' is unknown" },
  ])("apply-manifests.sh rejects $args", async ({ args, says }) => {
    const valid = ["--principal", PRINCIPAL, "--cluster", SHOP.id];
    const { code, calls, err } = await open(SHOP).run("infra/operate/apply-manifests.sh", [...valid, ...args]);
    expect({ code, calls }).toEqual({ code: 2, calls: [] });
    expect(err).toContain(says);
  });

  test("--skip-kubernetes prints the commands, and does not need kubectl", async () => {
    const { code, calls, out } = await open(SHOP).run(DEPLOY, [...YES, "--skip-kubernetes"], { without: "kubectl" });
    expect(code).toBe(0);
    expect(calls.filter((each) => each.startsWith("kube"))).toEqual([]);
    expect(out).toContain(
      "az aks get-credentials --subscription 00000000-0000-4000-8000-000000000001 --resource-group shop-rg --name shop",
    );
  });
});
