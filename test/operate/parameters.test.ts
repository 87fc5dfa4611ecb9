import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { runBicep } from "../../infra/bicep.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FILE = join(ROOT, "infra/main.bicepparam");
const names = (file: string): readonly string[] =>
  [...readFileSync(join(ROOT, file), "utf8").matchAll(/^param (\w+)/gm)].map(([, name = ""]) => name).toSorted();

const CLUSTER = { id: "/subscriptions/s/…", nodeResourceGroup: "shop-nodes", location: "westeurope" };
const REQUIRED = {
  AZURE_ENV_NAME: "shop",
  AZURE_LOCATION: "westeurope",
  AKS_CLUSTERS: JSON.stringify([{ ...CLUSTER, subscriptionSource: true }]),
};
const OPTIONAL = {
  AZURE_RESOURCE_GROUP: "metrics-rg",
  MODE: "install",
  APP_SETTINGS: '{"POOLS":"win1,win2","PACKAGE_ACCESS":"link"}',
  DEPLOY_EVENT_SUBSCRIPTIONS: "true",
  ASSIGN_ROLES: "false",
  ALLOW_UNINSTALL: "true",
  FUNCTION_NODE_VERSION: "22",
  ALWAYS_READY_INSTANCES: "2",
  INTEGRATION_SUBNET_ID: "/integration",
  PRIVATE_ENDPOINT_SUBNET_ID: "/private",
  BLOB_PRIVATE_DNS_ZONE_ID: "/zone",
  OPERATOR_IP_RANGES: "198.51.100.0/24, 203.0.113.7/32",
  DEPLOYMENT_IP_RANGES: "198.51.100.0/24",
  ACTION_GROUP_ID: "/group",
  AZURE_MONITOR_WORKSPACE_ID: "/workspace",
  AZURE_MONITOR_WORKSPACE_LOCATION: "northeurope",
  PROMETHEUS_RULES: "records, coverage",
  TAGS: '{"team":"platform"}',
};
const DEFAULTS = {
  environmentName: "shop",
  location: "westeurope",
  resourceGroupName: "rg-shop",
  clusters: [{ ...CLUSTER, subscriptionSource: true }],
  mode: "observe",
  appSettings: {},
  deployEventSubscriptions: false,
  assignRoles: true,
  allowUninstall: false,
  nodeVersion: "24",
  alwaysReadyInstances: 1,
  integrationSubnetId: "",
  privateEndpointSubnetId: "",
  blobPrivateDnsZoneId: "",
  operatorIpRanges: [],
  deploymentIpRanges: [],
  actionGroupId: "",
  azureMonitorWorkspaceId: "",
  azureMonitorWorkspaceLocation: "westeurope",
  prometheusRules: ["containers", "coverage", "nodes", "records"],
  tags: {},
};

interface Built {
  readonly diagnostics: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Builds the file with the real CLI and these variables; returns the parameters and the diagnostics. */
function build(variables: Readonly<Record<string, string>>): Built {
  const { HOME = "", PATH = "" } = process.env;
  const env = {
    HOME,
    PATH,
    DOTNET_BUNDLE_EXTRACT_BASE_DIR: process.env["DOTNET_BUNDLE_EXTRACT_BASE_DIR"],
    ...variables,
  };
  const { output, diagnostics } = runBicep(["build-params", FILE, "--stdout"], env);
  if (output === "") return { diagnostics, parameters: {} };
  const { parametersJson }: { parametersJson: string } = JSON.parse(output);
  const { parameters }: { parameters: Record<string, { value: unknown }> } = JSON.parse(parametersJson);
  return {
    diagnostics,
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, { value }]) => [name, value])),
  };
}

test("main.bicepparam sets every parameter of main.bicep", () => {
  expect(names("infra/main.bicepparam")).toEqual(names("infra/main.bicep"));
});

test("docs/deploy.md lists exactly the variables of main.bicepparam", () => {
  const read = [...readFileSync(FILE, "utf8").matchAll(/readEnvironmentVariable\('(\w+)'/g)].map(
    ([, name = ""]) => name,
  );
  const page = readFileSync(join(ROOT, "docs/deploy.md"), "utf8");
  const table = /^\| variable \| parameter [\s\S]*?\n\n/m.exec(page)?.[0] ?? "";
  const documented = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = ""]) => name);
  expect(documented.toSorted()).toEqual([...new Set(read)].toSorted());
});

test("main.bicepparam contains no value of the sandbox", () => {
  expect(readFileSync(FILE, "utf8")).not.toMatch(/[0-9a-f]{8}-|\bshop\b|sandbox/);
});

describe.skipIf(!process.env["BICEP"])("main.bicepparam, built by BICEP", () => {
  test("without the optional variables, the parameters have the defaults of the template", () => {
    expect(build(REQUIRED)).toEqual({ diagnostics: "", parameters: DEFAULTS });
  });

  test("with all optional variables, the parameters have their values", () => {
    expect(build({ ...REQUIRED, ...OPTIONAL })).toEqual({
      diagnostics: "",
      parameters: {
        ...DEFAULTS,
        resourceGroupName: "metrics-rg",
        mode: "install",
        appSettings: { POOLS: "win1,win2", PACKAGE_ACCESS: "link" },
        deployEventSubscriptions: true,
        assignRoles: false,
        allowUninstall: true,
        nodeVersion: "22",
        alwaysReadyInstances: 2,
        integrationSubnetId: "/integration",
        privateEndpointSubnetId: "/private",
        blobPrivateDnsZoneId: "/zone",
        operatorIpRanges: ["198.51.100.0/24", "203.0.113.7/32"],
        deploymentIpRanges: ["198.51.100.0/24"],
        actionGroupId: "/group",
        azureMonitorWorkspaceId: "/workspace",
        azureMonitorWorkspaceLocation: "northeurope",
        prometheusRules: ["records", "coverage"],
        tags: { team: "platform" },
      },
    });
  });

  test("deploymentIpRanges defaults to operatorIpRanges", () => {
    const { parameters } = build({ ...REQUIRED, OPERATOR_IP_RANGES: "198.51.100.0/24" });
    expect(parameters["deploymentIpRanges"]).toEqual(["198.51.100.0/24"]);
  });

  test.each(Object.keys(REQUIRED))("without %s, the error of the CLI names the variable", (name) => {
    const { diagnostics } = build(Object.fromEntries(Object.entries(REQUIRED).filter(([each]) => each !== name)));
    expect(diagnostics).toContain(`Environment variable "${name}" does not exist`);
  });

  test("an unknown app setting and an unknown mode are rejected", () => {
    expect(build({ ...REQUIRED, APP_SETTINGS: '{"POOL":"win1"}' }).diagnostics).toContain("POOL");
    expect(build({ ...REQUIRED, MODE: "instal" }).diagnostics).toContain("instal");
  });
});
