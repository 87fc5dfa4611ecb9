import type { ClusterAdmin } from "./cluster-admin.ts";
import { bare } from "./kube-fixture.ts";

/** Field manager of the builds before each owner had its own. */
export const FORMER = "aks-windows-metrics";

/** Has the field manager of earlier builds own every field of an owner's objects, and no other one. */
export async function asEarlierBuild(admin: ClusterAdmin, owner: string): Promise<void> {
  for (const kind of ["EndpointSlice", "Endpoints"] as const) {
    for (const object of await admin.list(kind)) {
      const { name, labels, ownerReferences } = object.metadata;
      const metadata = { name, ...(labels && { labels }), ...(ownerReferences && { ownerReferences }) };
      await admin.apply({ ...object, metadata }, FORMER);
      await admin.apply(bare(object), `${FORMER}-${owner}`);
    }
  }
}
