import { readFileSync } from "node:fs";
import type { Principal } from "./simulators/arm/arm-simulator.ts";
import type { Cluster } from "./simulators/arm/world.ts";

const actionsOf = (role: string): readonly string[] => {
  const text = readFileSync(new URL(`../infra/roles/${role}.json`, import.meta.url), "utf8");
  const { actions }: { actions: readonly string[] } = JSON.parse(text);
  return actions;
};

/** What the app's identity may do in a cluster: the roles that an operator assigns, at their scopes. */
export function assignmentsFor({ id, subscription, nodeResourceGroup }: Cluster): Principal["assignments"] {
  const group = `/subscriptions/${subscription}/resourceGroups/${nodeResourceGroup}`;
  return [
    { scope: group, actions: actionsOf("node-resource-group") },
    { scope: id, actions: actionsOf("cluster") },
  ];
}
