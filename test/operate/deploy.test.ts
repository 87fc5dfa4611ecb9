import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { APP, PRINCIPAL, cluster, emptyAzure } from "./azure.ts";
import { openInTest, openOperator, type Operator } from "./operator.ts";

const DEPLOY = "infra/operate/deploy.sh";
const SHOP = cluster("shop");
const ARGUMENTS = ["--name", "test", "--location", "westeurope", "--cluster", SHOP.id];
const YES = [...ARGUMENTS, "--yes"];
/** Calls that change Azure or a cluster. */
const CHANGES = /create|publish|apply|update|delete|set/;
const FIRST_READS = [
  "az version",
  "az account show",
  "az aks show",
  "az eventgrid system-topic list",
  "az deployment sub show",
  "az deployment sub what-if",
];
const DEPLOYMENT = [
  "az deployment sub create",
  "npm ci",
  "npm run package",
  "func azure functionapp publish",
  "az functionapp function show",
  "az deployment sub create",
];
const MANIFESTS = [
  "az aks get-credentials",
  "kubelogin convert-kubeconfig",
  "kubectl get namespace",
  "kubectl create namespace",
  "kubectl kustomize",
  "kubectl kustomize",
  "kubectl apply",
];

function open(...clusters: Parameters<typeof emptyAzure>[0]): Operator {
  return openInTest(emptyAzure(clusters));
}

let deployed: ReturnType<typeof deployOnce> | undefined;

async function deployOnce() {
  const operator = openOperator(emptyAzure([SHOP]));
  return { operator, ...(await operator.run(DEPLOY, YES)) };
}

/** Returns the first run for a cluster, which several tests share. */
const firstRun = (): ReturnType<typeof deployOnce> => (deployed ??= deployOnce());
afterAll(async () => (await deployed)?.operator.remove());

/** The scripts need bash; on Windows, the azd hooks use PowerShell. */
const isWindows = process.platform === "win32";

describe.skipIf(isWindows)("deploy.sh, not on Windows", () => {
  test("a first run with --yes deploys the first stage, the code, the second stage, and the manifests", async () => {
    const { code, calls, journal, err } = await firstRun();
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(calls).toEqual([...FIRST_READS, ...DEPLOYMENT, ...MANIFESTS]);
    const creates = journal.filter(({ command }) => command === "deployment sub create");
    expect(creates.map(({ variables }) => variables)).toMatchObject([
      { AZURE_ENV_NAME: "test", AZURE_LOCATION: "westeurope", DEPLOY_EVENT_SUBSCRIPTIONS: "false" },
      { AZURE_ENV_NAME: "test", AZURE_LOCATION: "westeurope", DEPLOY_EVENT_SUBSCRIPTIONS: "true" },
    ]);
    expect(JSON.parse(creates[0]?.variables?.["AKS_CLUSTERS"] ?? "")).toEqual([
      { id: SHOP.id, nodeResourceGroup: "shop-nodes", location: "westeurope" },
    ]);
  });

  test("func publishes exactly the package, from its folder, with the language and without a build", async () => {
    const { journal } = await firstRun();
    const publish = journal.find(({ tool }) => tool === "func");
    expect(publish).toMatchObject({ words: [APP], options: { javascript: [], "no-build": [] } });
    expect(publish?.input).toBe("dist dist/main.js host.json package.json");
  });

  test("the manifests contain the object ID of the identity, and the kubeconfig is deleted afterwards", async () => {
    const { operator, journal } = await firstRun();
    const apply = journal.find(({ command }) => command === "apply");
    expect(apply?.input?.match(new RegExp(`^ {4}name: "${PRINCIPAL}"$`, "gm"))).toHaveLength(2);
    expect(apply?.input?.match(new RegExp(`^  name: aks-windows-metrics-${PRINCIPAL}$`, "gm"))).toHaveLength(2);
    expect(apply?.input).not.toContain("%");
    const [kubeconfig = ""] = apply?.options["kubeconfig"] ?? [];
    expect(existsSync(dirname(kubeconfig))).toBe(false);
    expect(readdirSync(dirname(operator.root)).toSorted()).toEqual(["azure.json", "bin", "clone"]);
  });

  test("a second run recognizes its own topics, shows both stages in what-if, and keeps the namespace", async () => {
    const { operator } = await firstRun();
    mkdirSync(join(operator.root, "node_modules"));
    writeFileSync(join(operator.root, "node_modules/.package-lock.json"), "{}");
    const { code, calls, journal, err } = await operator.run(DEPLOY, YES);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const manifests = MANIFESTS.map((each) => (each === "kubectl create namespace" ? "kubectl get service" : each));
    const again = [...DEPLOYMENT, ...manifests].filter((each) => each !== "npm ci");
    expect(calls).toEqual([...FIRST_READS, ...again]);
    const whatIf = journal.find(({ command }) => command === "deployment sub what-if");
    expect(whatIf?.variables?.["DEPLOY_EVENT_SUBSCRIPTIONS"]).toBe("true");
    expect(whatIf?.variables?.["AKS_CLUSTERS"]).not.toContain("existing");
  });

  test("--what-if changes nothing, and does not need func", async () => {
    const operator = open(SHOP);
    const { code, calls } = await operator.run(DEPLOY, [...ARGUMENTS, "--what-if", "--yes"], { without: "func" });
    expect(code).toBe(0);
    expect(calls).toEqual(FIRST_READS);
    expect(calls.filter((each) => CHANGES.test(each))).toEqual([]);
  });

  test.each([
    { typed: "n", code: 1, says: "The deployment was not confirmed. Nothing was changed." },
    { typed: "", code: 1, says: "The deployment was not confirmed. Nothing was changed." },
    { typed: "y", code: 0, says: "" },
  ])("a confirmation answered with '$typed': exit code $code", async ({ typed, code, says }) => {
    const ended = await open(SHOP).run(DEPLOY, ARGUMENTS, { input: typed });
    expect(ended.code).toBe(code);
    expect(ended.calls.some((each) => CHANGES.test(each))).toBe(code === 0);
    expect(ended.err.trim()).toBe(says);
  });
});

describe.skipIf(isWindows)("deploy.sh with failures, not on Windows", () => {
  test("a failed publication stops it before the second stage; the next run continues", async () => {
    const operator = open(SHOP);
    operator.change((azure) => (azure.publishing = "fails"));
    const failed = await operator.run(DEPLOY, YES);
    expect(failed.code).toBe(1);
    expect(failed.calls.at(-1)).toBe("func azure functionapp publish");
    expect(failed.err).toContain("Run this script again to continue.");
    operator.change((azure) => (azure.publishing = "works"));
    expect(await operator.run(DEPLOY, YES)).toMatchObject({ code: 0 });
  });

  test("a failed first stage stops it", async () => {
    const operator = open(SHOP);
    operator.change((azure) => (azure.deploying = "fails"));
    const { code, calls, err } = await operator.run(DEPLOY, YES);
    expect(code).toBe(1);
    expect(calls.at(-1)).toBe("az deployment sub create");
    expect(err).toContain("DeploymentFailed");
  });

  test("it waits for the function, up to --wait", async () => {
    const operator = open(SHOP);
    operator.change((azure) => (azure.appearsAfter = 3));
    const { code, calls } = await operator.run(DEPLOY, YES);
    expect(code).toBe(0);
    expect(calls.filter((each) => each === "az functionapp function show")).toHaveLength(4);
  });

  test("a function that is never listed stops it before the second stage", async () => {
    const operator = open(SHOP);
    operator.change((azure) => (azure.appearsAfter = 1_000));
    const { code, calls, err } = await operator.run(DEPLOY, [...YES, "--wait", "0"]);
    expect(code).toBe(1);
    expect(calls.filter((each) => each === "az deployment sub create")).toHaveLength(1);
    expect(err).toContain("did not list the function scaleSetEvent within 0 seconds");
  });
});
