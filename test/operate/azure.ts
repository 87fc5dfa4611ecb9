import { readFileSync, writeFileSync } from "node:fs";

/** The state of the simulators: an Azure subscription, the clusters, and a journal of all calls. */
export interface Azure {
  subscription: string;
  /** The version of the Azure CLI. */
  cli: string;
  signedIn: boolean;
  clusters: Cluster[];
  topics: Topic[];
  /** The last deployment; undefined before the first one. */
  deployed?: { stage: boolean; name: string };
  assignRoles: boolean;
  assignments: { principalId: string; roleDefinitionId: string; scope: string }[];
  definitions: { name: string; permissions: object[] }[];
  published: boolean;
  /** Number of requests for the function before Azure lists it. */
  appearsAfter: number;
  publishing: "works" | "fails";
  deploying: "works" | "fails";
  /** Names of clusters whose API server this machine cannot reach. */
  unreachable: string[];
  /** Names of clusters whose Kubernetes roles deny everything to this account. */
  forbidden: string[];
  namespaces: string[];
  azdEnv: Record<string, string>;
  journal: Call[];
}

export interface Cluster {
  id: string;
  name: string;
  resourceGroup: string;
  location: string;
  nodeResourceGroup: string;
  nodeResourceGroupProfile?: { restrictionLevel: string };
  aadProfile: object | null;
  /** The kubeconfig of its users; by default its name, which the simulated kubectl reads. */
  kubeconfig?: string;
}

export interface Topic {
  subscription: string;
  name: string;
  resourceGroup: string;
  source: string;
  topicType: string;
  tags: Record<string, string> | null;
  identity: { type: string; principalId: string | null } | null;
}

export interface Call {
  tool: string;
  /** The command without its options: `deployment sub create`. */
  command: string;
  options: Record<string, string[]>;
  /** Arguments after the command that are not options. */
  words: string[];
  cwd: string;
  /** The variables of the template at the time of the call. */
  variables?: Record<string, string | undefined>;
  /** Standard input, or the published files. */
  input?: string;
}

export function readAzure(file: string): Azure {
  const azure: Azure = JSON.parse(readFileSync(file, "utf8"));
  return azure;
}

export function writeAzure(file: string, azure: Azure): void {
  writeFileSync(file, JSON.stringify(azure));
}

/** Returns the nth segment of a resource ID; the first is empty. */
export function part(id: string, n: number): string {
  return id.split("/")[n] ?? "";
}

export const PRINCIPAL = "11111111-2222-4333-8444-555555555555";
export const APP = "func-awm-x";

/** A subscription that contains only the clusters. */
export function emptyAzure(clusters: readonly Cluster[]): Azure {
  const subscription = "00000000-0000-4000-8000-000000000001";
  return {
    subscription,
    cli: "2.80.0",
    signedIn: true,
    clusters: [...clusters],
    topics: [],
    assignRoles: true,
    assignments: [],
    definitions: [],
    published: false,
    appearsAfter: 0,
    publishing: "works",
    deploying: "works",
    unreachable: [],
    forbidden: [],
    namespaces: [],
    azdEnv: {},
    journal: [],
  };
}

const KIND = "providers/Microsoft.ContainerService/managedClusters";

export function cluster(name: string, subscription = "00000000-0000-4000-8000-000000000001"): Cluster {
  const resourceGroup = `${name}-rg`;
  return {
    id: `/subscriptions/${subscription}/resourcegroups/${resourceGroup}/${KIND}/${name}`,
    name,
    resourceGroup,
    location: "westeurope",
    nodeResourceGroup: `${name}-nodes`,
    aadProfile: {},
  };
}
