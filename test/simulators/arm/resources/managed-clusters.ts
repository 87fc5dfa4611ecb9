import { ArmError, type Reply } from "../http.ts";
import { type Call, named, page, route, within } from "../route.ts";
import type { Cluster, Pool } from "../world.ts";

const TYPE = "Microsoft.ContainerService/managedClusters";
const CLUSTER = `/subscriptions/{sub}/resourceGroups/{group}/providers/${TYPE}/{cluster}`;

/** Read-only routes of clusters and their node pools. */
export const managedClusterRoutes = [
  route("GET", CLUSTER, (call) => ({ status: 200, body: clusterBody(clusterOf(call)) })),
  route("GET", `${CLUSTER}/agentPools`, (call) => {
    const cluster = clusterOf(call);
    return page(
      call,
      cluster.pools.map((pool) => poolBody(cluster, pool)),
    );
  }),
  route("GET", `${CLUSTER}/agentPools/{pool}`, (call) => {
    const cluster = clusterOf(call);
    const pool = named(call, cluster.pools, `${TYPE}/agentPools`, call.names["pool"]);
    return { status: 200, body: poolBody(cluster, pool) };
  }),
  route("POST", `${CLUSTER}/listClusterUserCredential`, (call) => credentialOf(clusterOf(call)), ["format"]),
];

/** Returns a kubeconfig that uses the exec plugin of Entra clusters (kubelogin). */
function credentialOf({ name, apiServer }: Cluster): Reply {
  if (!apiServer) throw new ArmError(404, { code: "NotFound", message: `${name} has no API server.` });
  const { url: server, caPem } = apiServer;
  const cluster = { server, "certificate-authority-data": Buffer.from(caPem).toString("base64") };
  const exec = { apiVersion: "client.authentication.k8s.io/v1beta1", command: "kubelogin", args: ["get-token"] };
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster }],
    users: [{ name: "clusterUser", user: { exec } }],
    contexts: [{ name, context: { cluster: name, user: "clusterUser" } }],
    "current-context": name,
  };
  const value = Buffer.from(JSON.stringify(kubeconfig)).toString("base64");
  return { status: 200, body: { kubeconfigs: [{ name: "clusterUser", value }] } };
}

function clusterOf(call: Call): Cluster {
  return named(call, within(call, call.engine.world.clusters), TYPE, call.names["cluster"]);
}

function clusterBody(cluster: Cluster): unknown {
  const { id, name, location, nodeResourceGroup, restrictionLevel } = cluster;
  const properties = {
    provisioningState: cluster.state,
    powerState: { code: cluster.powerState },
    kubernetesVersion: "1.33.2",
    agentPoolProfiles: cluster.pools.map((pool) => ({ name: pool.name, ...poolProperties(pool) })),
    nodeResourceGroup,
    nodeResourceGroupProfile: { restrictionLevel },
  };
  return { id, name, type: TYPE, location, properties };
}

function poolBody(cluster: Cluster, pool: Pool): { id: string } {
  const id = `${cluster.id}/agentPools/${pool.name}`;
  const body = { id, name: pool.name, type: `${TYPE}/agentPools`, properties: poolProperties(pool) };
  return body;
}

function poolProperties(pool: Pool): object {
  const windows = pool.os === "Windows";
  return {
    count: pool.count,
    vmSize: "Standard_D4s_v5",
    mode: pool.mode,
    osType: pool.os,
    nodeImageVersion: windows ? `AKSWindows-2022-containerd-gen2-${pool.image}` : `AKSUbuntu-2204gen2-${pool.image}`,
    provisioningState: pool.state,
    powerState: { code: pool.powerState },
  };
}
