import { expect, test } from "vitest";
import { cluster, HOUR, MINUTE, NOW, operation, pool } from "../build.ts";
import { record } from "./recorded-scale-set.ts";

const before = { modelDigest: "d1", aksWorkedAt: NOW - HOUR };

test.each([
  { when: "nothing is moving and the model is the same", world: {}, set: {}, workedAt: NOW - HOUR },
  {
    when: "the cluster is moving",
    world: { cluster: cluster({ provisioningState: "Updating" }) },
    set: {},
    workedAt: NOW,
  },
  { when: "the pool is moving", world: { pools: [pool({ provisioningState: "Scaling" })] }, set: {}, workedAt: NOW },
  {
    when: "the scale set is moving, as for our own write",
    world: {},
    set: { provisioningState: "Updating" },
    workedAt: NOW - HOUR,
  },
  { when: "the model has changed", world: {}, set: { digest: "d2" }, workedAt: NOW },
])("AKS worked on the pool at $workedAt if $when", ({ world, set, workedAt }) => {
  expect(record(set, before, world)).toMatchObject({ aksWorkedAt: workedAt, modelDigest: set.digest ?? "d1" });
});

test("the first pass knows no model before, and takes none for changed", () => {
  expect(record({})).toMatchObject({ modelDigest: "d1", aksWorkedAt: undefined });
});

test("busySince is the first of the consecutive passes in which cluster or pool is moving", () => {
  const busy = { pools: [pool({ provisioningState: "Updating" })] };
  expect(record({}, {}, busy).busySince).toBe(NOW);
  expect(record({}, { busySince: NOW - MINUTE }, busy).busySince).toBe(NOW - MINUTE);
  expect(record({}, { busySince: NOW - MINUTE }).busySince).toBeUndefined();
});

test.each([
  { when: "the ETag is the same", known: { etag: '"1"' }, writtenAt: undefined },
  { when: "the ETag has changed", known: { etag: '"0"' }, writtenAt: NOW },
  {
    when: "an operation of this app was running",
    known: { etag: '"0"', operation: operation() },
    writtenAt: undefined,
  },
  { when: "no pass knew an ETag before", known: {}, writtenAt: undefined },
])("another writer wrote the scale set at $writtenAt if $when", ({ known, writtenAt }) => {
  expect(record({}, known)).toMatchObject({ etag: '"1"', writtenAt });
});
