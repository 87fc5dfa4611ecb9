import type { Call, Routes } from "./call.ts";
import { type Body, choiceIn, countIn, durationIn, flagIn, isIn, objectIn, Refusal, textIn } from "./input.ts";
import type { Sandbox } from "./sandbox.ts";

const FOREIGN = ["drop", "keep"] as const;

/** What the cluster's autoscaler, Azure and AKS do to pools and instances. */
const POOLS: Routes = {
  "POST /world/pools/{}/autoscale": ({ world: { arm, cluster } }, { names: [pool = ""], body }) =>
    arm.actors.autoscale(cluster.id, pool, countIn(body, "count", 0)),
  "POST /world/pools/{}/stop": ({ world: { arm, cluster } }, { names: [pool = ""], body }) =>
    arm.actors.stopPool(cluster.id, pool, stopOptions(body)),
  "POST /world/pools/{}/start": ({ world: { arm, cluster } }, { names: [pool = ""], body }) =>
    arm.actors.startPool(cluster.id, pool, { keepForeign: keepsForeign(body) }),
  "POST /world/pools/{}/hold": ({ world: { arm, cluster } }, { names: [pool = ""] }) =>
    arm.actors.hold(cluster.id, pool),
  "POST /world/pools/{}/release": ({ world: { arm, cluster } }, { names: [pool = ""], body }) =>
    arm.actors.release(cluster.id, endIn(body), pool),
  "POST /world/pools/{}/bootstrap": ({ world: { arm, cluster } }, { names: [pool = ""], body }) => {
    const change = choiceIn(body, "change", ["settings", "protectedSettings"]);
    return arm.actors.rewriteBootstrap(cluster.id, pool, { change, keepForeign: keepsForeign(body) });
  },
  "POST /world/pools/{}/restart-fresh-nodes": ({ world: { arm, cluster } }, { names: [pool = ""], body }) =>
    arm.actors.restartFreshNodes(cluster.id, pool, flagIn(body, "enabled")),
  "POST /world/instances/{}/{}/evict": ({ world: { arm } }, { names: [scaleSet = "", id = ""], body }) =>
    arm.actors.evict(scaleSet, id, choiceIn(body, "policy", ["Delete", "Deallocate"])),
};

/** What AKS and administrators do to the whole cluster. */
const CLUSTER: Routes = {
  "POST /world/cluster/stop": ({ world: { arm, cluster } }, { body }) =>
    arm.actors.stopCluster(cluster.id, stopOptions(body)),
  "POST /world/cluster/start": ({ world: { arm, cluster } }, { body }) =>
    arm.actors.startCluster(cluster.id, { keepForeign: keepsForeign(body) }),
  "POST /world/cluster/hold": ({ world: { arm, cluster } }) => arm.actors.hold(cluster.id),
  "POST /world/cluster/release": ({ world: { arm, cluster } }, { body }) => arm.actors.release(cluster.id, endIn(body)),
  "POST /world/cluster/lock": ({ world: { arm, cluster } }, { body }) =>
    arm.actors.lock(cluster.id, choiceIn(body, "level", ["ReadOnly", "CanNotDelete"])),
  "POST /world/cluster/unlock": ({ world: { arm, cluster } }) => arm.actors.unlock(cluster.id),
};

/** What governs requests to Azure: policies, roles and failures. */
const REQUESTS: Routes = {
  "POST /world/policies/{}/assign": assignPolicy,
  "POST /world/policies/{}/remove": ({ world: { arm } }, { names: [name = ""] }) => arm.actors.removePolicy(name),
  "POST /world/principals/{}/revoke": ({ world: { arm } }, { names: [principal = ""], body }) => {
    if (isIn(body, "action") === isIn(body, "role")) throw new Refusal(400, "expected either action or role");
    const choice = isIn(body, "role") ? { role: textIn(body, "role") } : { action: textIn(body, "action") };
    return arm.actors.revokeRole(principal, choice);
  },
  "POST /world/principals/{}/restore": ({ world: { arm } }, { names: [principal = ""] }) =>
    arm.actors.restoreRoles(principal),
  "POST /world/failures": failRequests,
  "POST /world/failures/clear": ({ world: { arm } }) => arm.actors.clearFailures(),
};

/** The calls that make an actor act; docs/sandbox.md describes them. */
export const ACTOR_ROUTES: Routes = { ...POOLS, ...CLUSTER, ...REQUESTS };

function assignPolicy({ world: { arm } }: Sandbox, { names: [name = ""], body }: Call): Promise<void> {
  const effect = choiceIn(body, "effect", ["modify", "deny", "deployIfNotExists", "remove"]);
  const change = effect === "modify" || effect === "deployIfNotExists" ? { change: objectIn(body, "change") } : {};
  const delay = isIn(body, "delay") ? { delayMs: durationIn(body, "delay") } : {};
  return arm.actors.assignPolicy({ name, type: textIn(body, "type"), effect, ...change, ...delay });
}

function failRequests({ world: { arm } }: Sandbox, { body }: Call): Promise<void> {
  return arm.actors.failRequests({
    method: choiceIn(body, "method", ["GET", "PUT", "POST", "DELETE"]),
    path: textIn(body, "path"),
    status: countIn(body, "status", 400),
    code: textIn(body, "code"),
    ...(isIn(body, "message") && { message: textIn(body, "message") }),
    ...(isIn(body, "retryAfter") && { retryAfter: countIn(body, "retryAfter", 0) }),
    ...(isIn(body, "times") && { times: countIn(body, "times", 1) }),
  });
}

function stopOptions(body: Body): { instances?: "deallocate" | "delete" } {
  return isIn(body, "instances") ? { instances: choiceIn(body, "instances", ["deallocate", "delete"]) } : {};
}

function keepsForeign(body: Body): boolean {
  return isIn(body, "foreign") && choiceIn(body, "foreign", FOREIGN) === "keep";
}

function endIn(body: Body): "Succeeded" | "Failed" {
  return choiceIn(body, "state", ["Succeeded", "Failed"]);
}
