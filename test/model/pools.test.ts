import { describe, expect, test } from "vitest";
import { parseNodeName } from "../../shared/model/ids.ts";
import { findPool, isManaged, isSamePool, poolOfNode, sourceOf } from "../../shared/model/pools.ts";
import { forPools, pool } from "../build.ts";

const all = forPools({}).selection;
const onlyWin1 = forPools({ pools: ["win1"], sources: { win2: "native" } }).selection;
const byName = forPools({ sources: { win1: "native", win2: "external", win3: "off", win4: "managed" } }).selection;

describe("the source of a pool", () => {
  test.each([
    { pool: "win1", selection: all, source: "managed" },
    { pool: undefined, selection: all, source: "managed" },
    { pool: "constructor", selection: all, source: "managed" },
    { pool: "WIN1", selection: onlyWin1, source: "managed" },
    { pool: "win2", selection: onlyWin1, source: "off" },
    { pool: undefined, selection: onlyWin1, source: "off" },
    { pool: "Win1", selection: byName, source: "native" },
    { pool: "win2", selection: byName, source: "external" },
    { pool: "win3", selection: byName, source: "off" },
    { pool: "win4", selection: byName, source: "managed" },
    { pool: "win5", selection: byName, source: "managed" },
  ])("$pool is $source", ({ pool, selection, source }) => {
    expect(sourceOf(pool, selection)).toBe(source);
    expect(isManaged(pool ?? "", selection)).toBe(source === "managed");
  });
});

describe("the pool of a node", () => {
  test.each([
    { when: "its label", node: { pool: "win2", name: "akswin1000001" }, name: "win2" },
    { when: "its name, without a label", node: { pool: undefined, name: "akswin1000001" }, name: "win1" },
    { when: "unknown, without either", node: { pool: undefined, name: "own-node" }, name: undefined },
  ])("is from $when", ({ node: { pool, name: nodeName }, name }) => {
    expect(poolOfNode({ pool, name: parseNodeName(nodeName) })).toBe(name);
  });
});

test("names of pools are compared without regard to case", () => {
  expect(isSamePool("Win1", "wIN1")).toBe(true);
  expect(isSamePool("win1", "win10")).toBe(false);
  const pools = [pool({ name: "win1" }), pool({ name: "Win2" })];
  expect(findPool(pools, "WIN2")).toBe(pools[1]);
  expect(findPool(pools, "win3")).toBeUndefined();
  expect(findPool(pools, undefined)).toBeUndefined();
});
