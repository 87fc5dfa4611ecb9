import type { Certificate } from "./certificates.ts";
import type { Clock } from "./clock.ts";
import type { ClusterAdmin, KubeObject } from "./contracts/cluster-admin.ts";
import { readManifests } from "./manifests.ts";
import { NodeRegistrar } from "./node-registrar.ts";
import type { ArmSimulator } from "./simulators/arm/arm-simulator.ts";
import type { Cluster } from "./simulators/arm/world.ts";
import { startKubeSimulator } from "./simulators/kubernetes/kube-simulator.ts";

/** Starts a real control plane with applied manifests and a clock. */
export type StartKube = (manifests: readonly KubeObject[], now: () => number) => Promise<ClusterAdmin>;

/** Opens a cluster's Kubernetes, with the manifests applied for the identity `oid` and the machines as its nodes. */
export async function openKube(
  { clock, certificate, oid }: { readonly clock: Clock; readonly certificate: Certificate; readonly oid: string },
  arm: ArmSimulator,
  { cluster, startKube }: { readonly cluster: Cluster; readonly startKube: StartKube | undefined },
) {
  const manifests = readManifests(oid);
  const simulator = startKube ? undefined : await startKubeSimulator({ clock, certificate, manifests });
  const kube = (await startKube?.(manifests, () => clock.now())) ?? simulator;
  if (!kube) throw new Error("Kubernetes was not started");
  cluster.apiServer = { url: kube.url, caPem: kube.caPem };
  await new NodeRegistrar(clock, arm.world, kube).start();
  return { kube, simulator };
}
