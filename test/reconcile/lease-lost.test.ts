import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import type { Flow } from "../../shared/model/flow.ts";
import { blobName } from "../../shared/reconcile/blobs.ts";
import { findDue } from "../../shared/reconcile/due.ts";
import { reconcile } from "../../shared/reconcile/reconcile.ts";
import { readRequest, requestPass } from "../../shared/reconcile/requests.ts";
import { MINUTE, NOW } from "../build.ts";
import { openWorld } from "../world.ts";
import { clusterId, countDeps, type CountDeps, countFlow, passRequest } from "./count-flow.ts";

const world = await openWorld();
afterAll(() => world.stop());
afterEach(() => void vi.useRealTimers());
const signal = AbortSignal.timeout(60_000);
let now = NOW;
const depsOf = (count: CountDeps["count"]) => countDeps(world, () => now, count);
const three = depsOf(async () => 3);

/** Returns the versions of a target's memory and report. */
async function versions(target: { flow: Flow<CountDeps>; cluster: ReturnType<typeof clusterId> }) {
  const names = [blobName("memory", target), blobName("reports", target)];
  return Promise.all(names.map(async (name) => (await three.records.read(name, signal))?.etag));
}

test.each(["observes", "acts"] as const)(
  "a pass that loses its lease while it %s stops and writes nothing more",
  async (stage) => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const cluster = clusterId(stage === "acts" ? 201 : 202);
    const aborted: boolean[] = [];
    const lose = async (pass: AbortSignal): Promise<void> => {
      await (
        await three.state()
      )
        .getBlobClient(blobName("leases", { flow, cluster }))
        .getBlobLeaseClient()
        .breakLease(0);
      const lost = new Promise((resolve) => pass.addEventListener("abort", resolve));
      // The next renewal finds the lease lost.
      vi.advanceTimersByTime(20_000);
      await lost;
      aborted.push(pass.aborted);
    };
    const flow: typeof countFlow = {
      ...countFlow,
      observe: async (memory, pass) => {
        if (stage === "observes") await lose(pass.signal);
        return countFlow.observe(memory, pass);
      },
      act: async (actions, pass) => {
        if (stage === "acts") await lose(pass.signal);
        return countFlow.act(actions, pass);
      },
    };
    await reconcile(countFlow, cluster, three, passRequest("resync"));
    const before = await versions({ flow, cluster });
    await expect(reconcile(flow, cluster, three, passRequest("resync"))).rejects.toThrow(/^renew lease leases\//);
    expect(aborted).toEqual([true]);
    expect(await versions({ flow, cluster })).toEqual(before);
    // The lease is free again for the next pass.
    expect(await reconcile(countFlow, cluster, three, passRequest("resync"))).toMatchObject({ observed: ["3 nodes"] });
  },
);

test("a lease that no worker releases is a failure once a request is older than 10 minutes", async () => {
  now = NOW;
  const target = { flow: countFlow, cluster: clusterId(203) };
  const tick = () => reconcile(countFlow, target.cluster, three, passRequest("request"));
  await tick();
  const lease = (await three.state()).getBlobClient(blobName("leases", target)).getBlobLeaseClient();
  await lease.acquireLease(-1);
  expect(await tick()).toBe("busy");
  now = NOW + 10 * MINUTE;
  expect(await tick()).toBe("busy");
  now += 1;
  await expect(tick()).rejects.toMatchObject({ message: expect.stringContaining("az storage blob lease break") });
  await lease.breakLease(0);
  expect(await tick()).toMatchObject({ observed: ["3 nodes"] });
  expect(await readRequest(three.records, target, signal)).toBeUndefined();
});

describe.each([
  { n: 210, what: "is not JSON", value: undefined },
  { n: 220, what: "has no time", value: { cause: "event" } },
  { n: 230, what: "has a time that is a text", value: { at: "2026-11-22", cause: "event" } },
  { n: 240, what: "is a list", value: [] },
])("a request that $what", ({ n, value }) => {
  const targetOf = async (id: number) => {
    const target = { flow: countFlow, cluster: clusterId(id) };
    const blob = (await three.state()).getBlockBlobClient(blobName("requests", target));
    await (await three.state()).createIfNotExists();
    await blob.uploadData(Buffer.from(value === undefined ? "{" : JSON.stringify(value)));
    return target;
  };

  test("is taken by the next pass, as any other", async () => {
    const target = await targetOf(n);
    expect(await readRequest(three.records, target, signal)).toMatchObject({ at: undefined });
    expect(await findDue(target, three, signal)).toMatchObject({ cause: "request" });
    expect(await reconcile(countFlow, target.cluster, three, passRequest("event"))).toMatchObject({ cause: "event" });
    expect(await readRequest(three.records, target, signal)).toBeUndefined();
  });

  test("does not date the lease, which is a failure 10 minutes after the first pass that found it held", async () => {
    const target = await targetOf(n + 1);
    const tick = () => reconcile(countFlow, target.cluster, three, passRequest("request"));
    const lease = (await three.state()).getBlockBlobClient(blobName("leases", target));
    await lease.uploadData(Buffer.from(""));
    await lease.getBlobLeaseClient().acquireLease(-1);
    now = NOW;
    expect(await tick()).toBe("busy");
    now = NOW + 10 * MINUTE;
    expect(await tick()).toBe("busy");
    now += 1;
    await expect(tick()).rejects.toThrow(`held since at least ${new Date(NOW).toISOString()}`);
    await lease.getBlobLeaseClient().breakLease(0);
  });
});

test("requests that no pass has served count as one, which keeps the time of the first", async () => {
  const target = { flow: countFlow, cluster: clusterId(204) };
  for (const at of [NOW, NOW + MINUTE, NOW + 2 * MINUTE]) {
    now = at;
    await requestPass(three, target, "event", signal);
  }
  expect(await readRequest(three.records, target, signal)).toMatchObject({ at: NOW });
});
