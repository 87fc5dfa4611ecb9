import { extensionFlow } from "../../shared/extension/flow.ts";
import type { ExtensionAction } from "../../shared/model/action.ts";
import { policyOf } from "../../shared/reconcile/policy.ts";
import { reconcile } from "../../shared/reconcile/reconcile.ts";
import { grantsOf } from "../deployed/deployment.ts";
import { runtimeValues } from "../deployed/runtime-values.ts";
import { readSnapshot } from "../deployed/snapshot.ts";
import { instanceStates, openPasses, type Passes } from "../passes.ts";
import { extensionOf } from "../sandbox/view.ts";
import { APP, SHOP, type WorldOptions } from "../world.ts";

const MINUTE_MS = 60_000;

/** The actions that the template's parameter allowUninstall adds to the app's role on scale sets. */
const ALLOWED = grantsOf(readSnapshot("fleet"), runtimeValues({ ...APP, blobsOf: (name) => name }))
  .flatMap(({ actions }) => actions)
  .filter((each) => each.startsWith("Microsoft.Compute/"));

/** The role assignments of a deployment with that parameter. */
export const MAY_DELETE: WorldOptions = {
  assignments: (granted) =>
    granted.map((each) => {
      const isOnScaleSets = each.actions.some((action) => action.startsWith("Microsoft.Compute/"));
      return isOnScaleSets ? { ...each, actions: ALLOWED } : each;
    }),
};

/** Deploys with that parameter. */
export async function allowDelete({ world }: Passes): Promise<void> {
  const { subscription, nodeResourceGroup } = world.cluster;
  const scope = `/subscriptions/${subscription}/resourceGroups/${nodeResourceGroup}`;
  await world.arm.actors.assignRole(APP.oid, { scope, actions: ALLOWED });
}

/** Opens a cluster of pools of so many nodes. */
export function openPools(counts: readonly number[], options: WorldOptions = MAY_DELETE): Promise<Passes> {
  const pools = counts.map((count, at) => {
    return { name: `win${at + 1}`, os: "Windows" as const, count, image: "20348.3000" };
  });
  return openPasses({ cluster: { ...SHOP, pools }, ...options });
}

/** Lives on until every instance has the package. */
export async function untilInstalled(opened: Passes): Promise<void> {
  await untilReport(opened, ({ current = 0, uninstalled = 0, ...others }) => {
    return current > 0 && uninstalled === 0 && Object.keys(others).length === 0;
  });
}

/** Lives on, for at most two hours, until the states of the instances fit. */
export async function untilReport(
  opened: Passes,
  fits: (states: Readonly<Record<string, number>>) => boolean,
): Promise<void> {
  let states = {};
  for (let minutes = 0; minutes < 120; minutes += 5) {
    const report = (await opened.live(5)).at(-1);
    if (report) states = instanceStates(report);
    if (fits(states)) return;
  }
  throw new Error(`the instances are still ${JSON.stringify(states)}`);
}

/** Lives on, for at most so many minutes, until no model of the pool has the extension. */
export async function untilDeleted(opened: Passes, pool = "win1", minutes = 120): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 5) {
    await opened.live(5);
    if (!isInModel(opened, pool)) return;
  }
  throw new Error(`the model of ${pool} still has the extension`);
}

export function setOf({ world }: Passes, pool = "win1") {
  const found = world.arm.world.scaleSets.find(({ name }) => name === `aks${pool}`);
  if (!found) throw new Error(`no scale set of ${pool}`);
  return found;
}

export function isInModel(opened: Passes, pool = "win1"): boolean {
  const { extensions } = setOf(opened, pool).virtualMachineProfile.extensionProfile;
  return extensions.some(({ name }) => name === "windows-exporter-dsc");
}

/** Returns the ids of the instances that have an exporter. */
export function exportersOn(opened: Passes, pool = "win1"): readonly string[] {
  return setOf(opened, pool)
    .instances.filter((each) => extensionOf(each)?.installed)
    .map(({ id }) => id);
}

/** Returns the accepted writes to a pool: `PUT Absent`, `upgrade 0`, `DELETE`. */
export function writesTo({ world }: Passes, pool = "win1"): readonly string[] {
  const writes = world.arm.journal.filter(
    ({ method, path, status, who }) =>
      who === "app" && method !== "GET" && path.includes(`aks${pool}/`) && status < 400,
  );
  return writes.map(({ method, path, body }) => {
    const text = JSON.stringify(body) ?? "";
    if (path.endsWith("/manualupgrade")) return `upgrade ${/\[(.*)\]/.exec(text)?.[1]?.replaceAll('"', "") ?? ""}`;
    return method === "PUT" ? `PUT ${text.includes('"Ensure":"Absent"') ? "Absent" : "Present"}` : method;
  });
}

/**
 * Lives on until a pass is about to perform such an action, or has performed it, and ends that pass there: memory has only
 * what was written before.
 */
export async function killAt(opened: Passes, kind: ExtensionAction["kind"], when: "before" | "after"): Promise<void> {
  const { deps, cluster, world } = opened;
  const seen = { isMeant: false };
  const flow: typeof extensionFlow = {
    ...extensionFlow,
    act: async (actions, context) => {
      seen.isMeant = actions.some((each) => each.kind === kind);
      const outcomes = seen.isMeant && when === "before" ? [] : await extensionFlow.act(actions, context);
      if (seen.isMeant) throw new Error("the app was killed");
      return outcomes;
    },
  };
  for (let minute = 0; minute < 120; minute++) {
    await world.clock.advance(MINUTE_MS);
    const policy = policyOf("install");
    await reconcile(flow, cluster, deps, { cause: "timer", policy, signal: AbortSignal.timeout(MINUTE_MS) });
    if (seen.isMeant) return;
  }
  throw new Error(`no pass was about to ${kind}`);
}
