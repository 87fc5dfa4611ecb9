import { readFileSync, writeFileSync } from "node:fs";

/** What the stand-ins know and change: a subscription's worth of Azure, a cluster's answers, and every call so far. */
export interface Azure {
  subscription: string;
  signedIn: boolean;
  clusters: Cluster[];
  topics: Topic[];
  /** Of the last deployment; none before the first one. */
  deployed?: { stage: boolean; name: string };
  assignRoles: boolean;
  assignments: { principalId: string; roleDefinitionId: string; scope: string }[];
  definitions: { name: string; permissions: object[] }[];
  published: boolean;
  /** How often Azure is asked for the function before it knows it. */
  appearsAfter: number;
  publishing: "works" | "fails";
  deploying: "works" | "fails";
  /** Names of clusters whose API server answers to nobody here. */
  unreachable: string[];
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
  /** What is no option, after the command. */
  words: string[];
  cwd: string;
  /** The template's variables as they stood, or what came in on standard input. */
  variables?: Record<string, string | undefined>;
  input?: string;
}

export function readAzure(file: string): Azure {
  const azure: Azure = JSON.parse(readFileSync(file, "utf8"));
  return azure;
}

export function writeAzure(file: string, azure: Azure): void {
  writeFileSync(file, JSON.stringify(azure));
}

/** An id's nth word between slashes; the first is empty. */
export function part(id: string, n: number): string {
  return id.split("/")[n] ?? "";
}

export const PRINCIPAL = "11111111-2222-4333-8444-555555555555";
export const APP = "func-awm-x";

/** A subscription with nothing in it but the clusters. */
export function emptyAzure(clusters: readonly Cluster[]): Azure {
  const subscription = "00000000-0000-4000-8000-000000000001";
  return {
    subscription,
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
