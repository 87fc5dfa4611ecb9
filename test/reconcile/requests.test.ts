import { afterAll, expect, test } from "vitest";
import type { Cause } from "../../shared/model/report.ts";
import { policyOf } from "../../shared/reconcile/policy.ts";
import { reconcile } from "../../shared/reconcile/reconcile.ts";
import { readRequest, requestPass, takeRequest } from "../../shared/reconcile/requests.ts";
import { MINUTE, NOW } from "../build.ts";
import { openWorld } from "../world.ts";
import { clusterId, countDeps, countFlow } from "./count-flow.ts";

const world = await openWorld();
afterAll(() => world.stop());
const signal = AbortSignal.timeout(60_000);
let now = NOW;
const deps = countDeps(
  world,
  () => now,
  async () => 1,
);
let clusters = 700;

/** Requests passes of a new cluster, a minute apart; returns the open request and its target. */
async function request(...causes: readonly Cause[]) {
  now = NOW;
  const target = { flow: countFlow, cluster: clusterId(clusters++) };
  for (const cause of causes) {
    await requestPass(deps, target, cause, signal);
    now += MINUTE;
  }
  return { target, open: await readRequest(deps.records, target, signal) };
}

test.each([
  { causes: ["event", "request"], isResync: false },
  { causes: ["resync"], isResync: true },
  { causes: ["event", "resync"], isResync: true },
  { causes: ["resync", "event"], isResync: true },
] as const)("$causes count as one request since the first, a resync: $isResync", async ({ causes, isResync }) => {
  const { open } = await request(...causes);
  expect(open).toMatchObject({ at: NOW, isResync });
});

test("a request is taken once", async () => {
  const { target, open } = await request("event");
  expect(await takeRequest(deps.records, target, signal)).toEqual(open);
  expect(await takeRequest(deps.records, target, signal)).toBeUndefined();
});

test.each([
  { causes: ["event"], served: "request", passes: 2 },
  { causes: ["event", "resync"], served: "resync", passes: 1 },
] as const)("a timer's pass that serves $causes is a $served, which ends waits if it is one", async (row) => {
  const { target } = await request(...row.causes);
  const run = async (cause: Cause) => {
    const report = await reconcile(countFlow, target.cluster, deps, { cause, policy: policyOf("install"), signal });
    if (typeof report === "string") throw new Error(report);
    return report;
  };
  const first = await run("timer");
  expect(first.cause).toBe(row.served);
  if (row.causes.length === 1) await requestPass(deps, target, "event", signal);
  else await requestPass(deps, target, "resync", signal);
  expect((await run("timer")).cause).toBe(row.served);
  const stored = await deps.records.read(`memory/s/g/${target.cluster.split("/").at(-1)}/count.json`, signal);
  expect(stored?.value).toMatchObject({ passes: row.passes });
});
