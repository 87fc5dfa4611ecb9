import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { APP, PRINCIPAL, cluster, emptyAzure } from "./azure.ts";
import { openInTest, type Operator } from "./operator.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SHOP = cluster("shop");
const isWindows = process.platform === "win32";
/** The environment that azd passes to its hooks, before and after it deploys the template. */
const BEFORE = { AZURE_ENV_NAME: "test", AZURE_LOCATION: "westeurope", AKS_CLUSTER_IDS: SHOP.id };
const AFTER = {
  ...BEFORE,
  AZURE_SUBSCRIPTION_ID: "00000000-0000-4000-8000-000000000001",
  AZURE_FUNCTION_NAME: APP,
  AZURE_RESOURCE_GROUP: "rg-test",
  IDENTITY_PRINCIPAL_ID: PRINCIPAL,
  SCRAPE_NAMESPACE: "metrics",
  ROLES_TO_ASSIGN: "[]",
};

function open(): Operator {
  return openInTest(emptyAzure([SHOP]));
}

interface AzureYaml {
  readonly services: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly hooks: Readonly<Record<string, Readonly<Record<"posix" | "windows", { shell: string; run: string }>>>>;
}

const azureYaml: AzureYaml = parse(readFileSync(join(ROOT, "azure.yaml"), "utf8"));

test("azure.yaml names the tag of the site, the folder of the package, and existing hooks", () => {
  const site = readFileSync(join(ROOT, "infra/modules/function-app.bicep"), "utf8");
  const [tag = ""] = Object.keys(azureYaml.services);
  expect(site).toContain(`'azd-service-name': '${tag}'`);
  const folder = ".cache/package/app";
  expect(azureYaml.services[tag]).toMatchObject({
    project: folder,
    dist: folder,
    language: "custom",
    remoteBuild: false,
  });
  const named = Object.values(azureYaml.hooks).flatMap(({ posix, windows }) => [posix.run, windows.run]);
  const there = readdirSync(join(ROOT, "infra/azd")).filter((name) => /\.(sh|ps1)$/.test(name));
  expect([...new Set(named)].toSorted()).toEqual(there.map((name) => `infra/azd/${name}`).toSorted());
});

test("each hook has the same steps on POSIX and Windows", () => {
  for (const { posix, windows } of Object.values(azureYaml.hooks)) {
    expect(windows.run).toBe(posix.run.replace(/\.sh$/, ".ps1"));
    const steps = [posix.run, windows.run].map((path) => {
      const text = readFileSync(join(ROOT, path), "utf8").replaceAll(/^#.*$/gm, "");
      return text.match(/infra\/[\w/-]+(?=\.ts|\.sh|\.ps1)|npm [\w -]+/g);
    });
    expect(steps[1]).toEqual(steps[0]);
  }
});

describe.skipIf(isWindows)("azd's hooks, not on Windows", () => {
  test("preprovision sets the clusters in azd's environment", async () => {
    const operator = open();
    const { code, calls } = await operator.run("infra/azd/preprovision.sh", [], { variables: BEFORE });
    expect(code).toBe(0);
    expect(calls).toEqual(["az aks show", "az eventgrid system-topic list", "azd env set"]);
    expect(JSON.parse(operator.azure().azdEnv["AKS_CLUSTERS"] ?? "")).toEqual([
      { id: SHOP.id, nodeResourceGroup: "shop-nodes", location: "westeurope" },
    ]);
  });

  test("preprovision reports missing variables, and sets nothing", async () => {
    const variables = { AZURE_ENV_NAME: "test" };
    const { code, calls, err } = await open().run("infra/azd/preprovision.sh", [], { variables });
    expect({ code, calls }).toEqual({ code: 1, calls: [] });
    expect(err).toContain("AKS_CLUSTER_IDS is not set");
  });

  test("predeploy creates the package that azure.yaml names", async () => {
    const operator = open();
    const { code, calls } = await operator.run("infra/azd/predeploy.sh", [], { variables: AFTER });
    expect({ code, calls }).toEqual({ code: 0, calls: ["npm ci", "npm run package"] });
    const { project } = azureYaml.services["api"] ?? {};
    expect(readdirSync(join(operator.root, String(project)))).toContain("host.json");
  });

  test("predeploy stops if role assignments are missing", async () => {
    const roles = [
      { role: "r", roleDefinitionId: "/x/r", actions: [], dataActions: ["d"], scope: SHOP.id, assignee: "/identity" },
    ];
    const variables = { ...AFTER, IDENTITY_ID: "/identity", ROLES_TO_ASSIGN: JSON.stringify(roles) };
    const { code, calls, out } = await open().run("infra/azd/predeploy.sh", [], { variables });
    expect({ code, calls }).toEqual({ code: 3, calls: ["az role assignment list"] });
    expect(out).toContain(`--assignee-object-id ${PRINCIPAL}`);
  });

  test("postdeploy waits for the function, provisions with the second stage, and resets the stage", async () => {
    const operator = open();
    operator.change((azure) => Object.assign(azure, { published: true, appearsAfter: 1 }));
    const { code, calls, journal, out } = await operator.run("infra/azd/postdeploy.sh", [], { variables: AFTER });
    expect(code).toBe(0);
    const asked = "az functionapp function show";
    expect(calls).toEqual([asked, asked, "azd env set", "azd provision", "azd env set"]);
    const provision = journal.find(({ command }) => command === "provision");
    expect(provision?.variables).toEqual({ DEPLOY_EVENT_SUBSCRIPTIONS: "true" });
    expect(operator.azure().azdEnv).toEqual({ DEPLOY_EVENT_SUBSCRIPTIONS: "false" });
    expect(out).toContain(`apply-manifests.sh --principal ${PRINCIPAL} --namespace metrics`);
  });

  test("postdeploy fails if provisioning fails, and resets the stage", async () => {
    const operator = open();
    operator.change((azure) => Object.assign(azure, { published: true, deploying: "fails" }));
    const { code } = await operator.run("infra/azd/postdeploy.sh", [], { variables: AFTER });
    expect(code).toBe(1);
    expect(operator.azure().azdEnv).toEqual({ DEPLOY_EVENT_SUBSCRIPTIONS: "false" });
  });

  test("postdeploy fails before its first call of azd if the function is never listed", async () => {
    const variables = { ...AFTER, WAIT_SECONDS: "0", POLL_SECONDS: "1" };
    const { code, calls, err } = await open().run("infra/azd/postdeploy.sh", [], { variables });
    expect({ code, calls }).toEqual({ code: 1, calls: ["az functionapp function show"] });
    expect(err).toContain("azd hooks run postdeploy");
  });
});

const pwsh = process.env["PWSH"] ?? "";

describe.skipIf(isWindows)("azd down, not on Windows", () => {
  test("is rejected, because it would delete the resource groups of the clusters", async () => {
    const { code, calls, err } = await open().run("infra/azd/predown.sh");
    expect({ code, calls }).toEqual({ code: 1, calls: [] });
    expect(err).toContain("would delete the resource groups of your clusters");
  });
});

describe.skipIf(pwsh === "" || isWindows)("azd's hooks for Windows, under PWSH", () => {
  const program = [pwsh, "-NoProfile", "-NonInteractive", "-File"];

  test("preprovision sets the clusters in azd's environment", async () => {
    const operator = open();
    const { code, calls } = await operator.run("infra/azd/preprovision.ps1", [], { variables: BEFORE, program });
    expect({ code, calls }).toEqual({
      code: 0,
      calls: ["az aks show", "az eventgrid system-topic list", "azd env set"],
    });
    expect(JSON.parse(operator.azure().azdEnv["AKS_CLUSTERS"] ?? "")).toMatchObject([{ id: SHOP.id }]);
  });

  test("azd down is rejected", async () => {
    const { code, err } = await open().run("infra/azd/predown.ps1", [], { program });
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("would delete the resource groups") });
  });

  test("preprovision fails if the clusters cannot be read", async () => {
    const variables = { AZURE_ENV_NAME: "test" };
    expect(await open().run("infra/azd/preprovision.ps1", [], { variables, program })).toMatchObject({ code: 1 });
  });

  test("predeploy creates the package, and stops if role assignments are missing", async () => {
    const operator = open();
    const made = await operator.run("infra/azd/predeploy.ps1", [], { variables: AFTER, program });
    expect(made).toMatchObject({ code: 0, calls: ["npm ci", "npm run package"] });
    const roles = [
      { role: "r", roleDefinitionId: "/x/r", actions: [], dataActions: ["d"], scope: SHOP.id, assignee: "/i" },
    ];
    const variables = { ...AFTER, IDENTITY_ID: "/i", ROLES_TO_ASSIGN: JSON.stringify(roles) };
    const stopped = await operator.run("infra/azd/predeploy.ps1", [], { variables, program });
    expect(stopped).toMatchObject({ code: 3, calls: ["az role assignment list"] });
  });

  test("postdeploy provisions with the second stage, and resets the stage", async () => {
    const operator = open();
    operator.change((azure) => (azure.published = true));
    const { code, journal } = await operator.run("infra/azd/postdeploy.ps1", [], { variables: AFTER, program });
    expect(code).toBe(0);
    expect(journal.find(({ command }) => command === "provision")?.variables).toEqual({
      DEPLOY_EVENT_SUBSCRIPTIONS: "true",
    });
    expect(operator.azure().azdEnv).toEqual({ DEPLOY_EVENT_SUBSCRIPTIONS: "false" });
  });
});
