import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { openContainer } from "../../../shared/clients/storage/container.ts";
import { createLeases } from "../../../shared/clients/storage/lease.ts";
import { storageToken } from "../../packages.ts";
import { openWorld } from "../../world.ts";

const world = await openWorld();
afterAll(() => world.stop());
const signal = AbortSignal.timeout(60_000);
const state = () => openContainer(`${world.hostAccountUrl}/leases`, async () => storageToken(world));
const leases = createLeases(state);

// Only renewals are timed by an interval: a test decides when one is due.
beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

/** Lets this many seconds go by, for the storage and for renewals. */
async function pass(seconds: number): Promise<void> {
  await world.clock.advance(seconds * 1000);
  vi.advanceTimersByTime(seconds * 1000);
  // A renewal is one call; the next one comes after it.
  await leases.acquire("other", signal).then((lease) => lease?.release());
}

test("a lease that is held stays held, for as long as the pass runs", async () => {
  const lease = await leases.acquire("a", signal);
  for (let seconds = 0; seconds < 240; seconds += 20) {
    await pass(20);
    expect((await leases.acquire("a", signal)) === undefined).toBe(true);
  }
  expect(lease?.signal.aborted).toBe(false);
  await lease?.release();
});

test("a lease that is lost aborts its pass at the next renewal", { timeout: 10_000 }, async () => {
  const lease = await leases.acquire("b", signal);
  await (await state()).getBlobClient("b").getBlobLeaseClient().breakLease(0);
  const lost = new Promise((resolve) => lease?.signal.addEventListener("abort", resolve));
  await pass(20);
  await lost;
  expect(lease?.signal.reason).toMatchObject({ fault: "conflict" });
});

test("a lease that is released is not renewed", async () => {
  const lease = await leases.acquire("c", signal);
  await lease?.release();
  await pass(40);
  const next = await leases.acquire("c", signal);
  expect(next).toBeDefined();
  await next?.release();
});
