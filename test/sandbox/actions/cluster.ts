import type { Kind } from "../../contracts/cluster-admin.ts";
import { readManifests } from "../../manifests.ts";
import { action } from "../action.ts";
import { Refusal } from "../input.ts";
import type { Sandbox } from "../sandbox.ts";
import { defined, RELEASE, START, STOP } from "./pools.ts";

/** What AKS does to the whole cluster, and operators to its Kubernetes objects. */
export const CLUSTER_ACTIONS = [
  action({
    path: "/world/cluster/stop",
    says: () => "AKS stops the cluster",
    buttons: { "Stop overnight": {} },
    example: { instances: "deallocate" },
    isAks: true,
    body: STOP,
    run: ({ world: { arm, cluster } }, how) => arm.actors.stopCluster(cluster.id, defined(how)),
  }),
  action({
    path: "/world/cluster/start",
    says: () => "AKS starts the cluster",
    buttons: { Start: {} },
    example: { foreign: "drop" },
    isAks: true,
    body: START,
    run: ({ world: { arm, cluster } }, { foreign }) =>
      arm.actors.startCluster(cluster.id, { keepForeign: foreign === "keep" }),
  }),
  action({
    path: "/world/cluster/hold",
    says: () => "AKS updates the cluster and does not end",
    holds: () => ["hold", "AKS does not end its update of the cluster"],
    buttons: { Hang: {} },
    example: {},
    body: {},
    run: ({ world: { arm, cluster } }) => arm.actors.hold(cluster.id),
  }),
  action({
    path: "/world/cluster/release",
    says: ({ state }) => `AKS ends the update of the cluster: ${state}`,
    holds: () => ["hold", undefined],
    buttons: { "End the hanging": {} },
    example: { state: "Succeeded" },
    body: RELEASE,
    run: ({ world: { arm, cluster } }, { state }) => arm.actors.release(cluster.id, state),
  }),
  action({
    path: "/world/kubernetes/{kind}/delete",
    says: ({ kind }) => `An operator deletes every ${kind} that the project's manifests apply`,
    buttons: { "Delete the Service": {}, "Take a Kubernetes role away": { kind: "RoleBinding" } },
    example: { kind: "Service" },
    holds: ({ kind }) => ["kubernetes", `the manifests' ${kind} is deleted`],
    body: {},
    run: deleteApplied,
  }),
  action({
    path: "/world/kubernetes/apply",
    says: () => "An operator applies the manifests",
    buttons: { "Apply the manifests": {} },
    example: {},
    holds: () => ["kubernetes", undefined],
    body: {},
    run: async ({ world: { kube, appOid } }) => {
      for (const object of readManifests(appOid)) await kube.apply(object);
    },
  }),
];

async function deleteApplied({ world: { kube, appOid } }: Sandbox, { kind }: { readonly kind: string }): Promise<void> {
  const applied = readManifests(appOid);
  const chosen = applied.filter((each) => each.kind.toLowerCase() === kind.toLowerCase());
  if (chosen.length === 0) {
    const kinds = [...new Set(applied.map((each) => each.kind))].join(", ");
    throw new Refusal(404, `found '${kind}', expected one of ${kinds}`);
  }
  for (const each of chosen) await kube.delete(each.kind as Kind, each.metadata.name);
}
