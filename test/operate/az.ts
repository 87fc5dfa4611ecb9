import { mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { APP, type Azure, type Call, PRINCIPAL, part } from "./azure.ts";
import { type Variables, deploy, identityOf, readVariables, rolesToAssign } from "./template.ts";
import { Refusal, type Tool, one } from "./tool.ts";

const QUERY = ["query", "output"] as const;
const CLUSTER = ["subscription", "resource-group", "name"] as const;

/** A simulator of the Azure CLI: its commands, with their required and optional options and their output. */
export const az: Tool = {
  version: { may: QUERY, run: ({ cli }) => cli },
  "account show": {
    may: QUERY,
    run: ({ signedIn, subscription }) => {
      if (!signedIn) throw new Refusal("ERROR: Please run 'az login' to setup account.");
      return subscription;
    },
  },
  "aks show": { must: CLUSTER, may: QUERY, run: (azure, call) => json(findCluster(azure, call)) },
  "aks get-credentials": {
    must: CLUSTER,
    may: ["file", "output"],
    run: (azure, call) => {
      const { name, kubeconfig = name } = findCluster(azure, call);
      const file = one(call, "file") || join(homedir(), ".kube", "config");
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, kubeconfig);
      return "";
    },
  },
  "eventgrid system-topic list": {
    must: ["subscription"],
    may: QUERY,
    run: ({ topics }, call) => json(topics.filter((each) => each.subscription === one(call, "subscription"))),
  },
  "eventgrid system-topic show": {
    must: CLUSTER,
    may: QUERY,
    run: ({ topics }, call) => {
      const found = topics.find(
        (each) => each.name === one(call, "name") && each.resourceGroup === one(call, "resource-group"),
      );
      if (!found) throw new Refusal("(ResourceNotFound) The Resource was not found.");
      return json(found);
    },
  },
  "deployment sub show": {
    must: ["name"],
    may: QUERY,
    run: ({ deployed }, call) => {
      if (deployed?.name !== one(call, "name")) throw new Refusal("(DeploymentNotFound)");
      return deployed.stage ? "True" : "False";
    },
  },
  "deployment sub what-if": {
    must: ["name", "location", "parameters"],
    may: ["exclude-change-types"],
    run: (_, call) => {
      readVariables(call);
      return "Resource changes: 3 to create.";
    },
  },
  "deployment sub create": {
    must: ["name", "location", "parameters"],
    may: QUERY,
    run: (azure, call) => {
      const variables = readVariables(call);
      deploy(azure, variables);
      azure.deployed = { name: one(call, "name"), stage: call.variables?.["DEPLOY_EVENT_SUBSCRIPTIONS"] === "true" };
      return json(outputs(azure, variables));
    },
  },
  "role assignment list": {
    must: ["scope"],
    may: ["subscription", "include-inherited", "output"],
    run: ({ assignments }, call) => json(assignments.filter(({ scope }) => one(call, "scope").startsWith(scope))),
  },
  "role definition list": {
    must: ["name"],
    may: ["subscription", "output"],
    run: ({ definitions }, call) => json(definitions.filter(({ name }) => name === one(call, "name"))),
  },
  "functionapp function show": {
    must: ["resource-group", "name", "function-name"],
    may: ["subscription", ...QUERY],
    run: (azure, call) => {
      azure.appearsAfter -= 1;
      if (!azure.published || azure.appearsAfter >= 0) throw new Refusal("(NotFound) Function is not found.");
      return json(`${one(call, "name")}/${one(call, "function-name")}`);
    },
  },
};

function findCluster({ clusters }: Azure, call: Call) {
  const [subscription, group, name] = CLUSTER.map((option) => one(call, option));
  const found = clusters.find(
    (each) => each.name === name && each.resourceGroup === group && part(each.id, 2) === subscription,
  );
  if (!found) throw new Refusal(`(ResourceNotFound) The Resource '${name}' was not found.`);
  return found;
}

/** Returns the outputs with names in the case that Resource Manager gives them. */
function outputs(azure: Azure, variables: Variables): object {
  const settings: { readonly SCRAPE_NAMESPACE?: string } = JSON.parse(variables["APP_SETTINGS"] ?? "{}");
  const values = {
    azurE_FUNCTION_NAME: APP,
    azurE_FUNCTION_URL: `https://${APP}.azurewebsites.net`,
    azurE_RESOURCE_GROUP: "rg-test",
    identitY_ID: identityOf(azure),
    identitY_PRINCIPAL_ID: PRINCIPAL,
    scrapE_NAMESPACE: settings.SCRAPE_NAMESPACE ?? "monitoring",
    packagE_CONTAINER_URL: "https://stawmpkgx.blob.core.windows.net/packages",
    roleS_TO_ASSIGN: azure.assignRoles ? [] : rolesToAssign(azure),
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { type: typeof value, value }]));
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
