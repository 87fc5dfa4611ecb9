import { setTimeout as sleep } from "node:timers/promises";
import { actEndpoints } from "../../../shared/endpoints/act.ts";
import type { EndpointsDesired } from "../../../shared/endpoints/desired.ts";
import { EMPTY_ENDPOINTS_MEMORY } from "../../../shared/endpoints/memory.ts";
import { observeEndpoints } from "../../../shared/endpoints/observe.ts";
import { planEndpoints } from "../../../shared/endpoints/plan.ts";
import { CLUSTER, connect, OWNER } from "../../contracts/kube-fixture.ts";

/**
 * A program that runs passes of the endpoints flow until it is ended, with a pause between them. It prints `idle` before
 * the first one, and `passed` after each. Arguments: the URL of the API server and its CA.
 */
const PAUSE_MS = 6000;
const [url = "", caPem = ""] = process.argv.slice(2);

const desired: EndpointsDesired = {
  owner: OWNER,
  namespace: "monitoring",
  selection: { pools: undefined, sources: new Map(), uninstall: new Set() },
  objects: "both",
  shrinkGuard: 0.5,
};
const clients = connect({ url, caPem });

async function pass(): Promise<void> {
  const signal = AbortSignal.timeout(60_000);
  const kube = await clients.open(CLUSTER, signal);
  const observed = await observeEndpoints(kube, undefined, { at: Date.now(), signal });
  const { actions } = planEndpoints(CLUSTER, desired, observed, EMPTY_ENDPOINTS_MEMORY);
  const outcomes = await actEndpoints(actions, { kube, policy: () => undefined, adopts: false, now: Date.now, signal });
  const failed = outcomes.filter(({ status }) => status !== "done");
  if (failed.length > 0) throw new Error(JSON.stringify(failed));
}

// Loads what the first pass would load.
const signal = AbortSignal.timeout(60_000);
await (await clients.open(CLUSTER, signal)).readService(signal);
console.log("idle");
for (;;) {
  await sleep(PAUSE_MS);
  await pass();
  console.log("passed");
}
