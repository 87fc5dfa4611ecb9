import { type ClusterId, splitId } from "../model/ids.ts";

/** Returns the value of the label `cluster` for each cluster: its name, or `group/name` where two have the same name. */
export function clusterLabels(clusters: readonly ClusterId[]): ReadonlyMap<ClusterId, string> {
  const names = clusters.map((id) => splitId(id).name);
  return new Map(
    clusters.map((id) => {
      const { name, resourceGroup } = splitId(id);
      return [id, names.filter((each) => each === name).length > 1 ? `${resourceGroup}/${name}` : name] as const;
    }),
  );
}
