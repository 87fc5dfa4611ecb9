import { describe, expect, test } from "vitest";
import { parseNodeName } from "../../shared/model/ids.ts";
import { findPool, isManaged, isSamePool, poolOfNode, sourceOf } from "../../shared/model/pools.ts";
import { forPools, pool } from "../build.ts";

const allPools = forPools({}).selection;
const onlyWin1 = forPools({ pools: ["win1"], sources: { win2: "native" } }).selection;
const withSources = forPools({ sources: { win1: "native", win2: "external", win3: "off", win4: "managed" } }).selection;

const uninstalled = forPools({ sources: { win1: "native" }, uninstall: ["win1"] }).selection;

describe("the source of a pool", () => {
  test.each([
    { pool: "win1", selection: allPools, source: "managed" },
    { pool: undefined, selection: allPools, source: "managed" },
    { pool: "constructor", selection: allPools, source: "managed" },
    { pool: "WIN1", selection: onlyWin1, source: "managed" },
    { pool: "win2", selection: onlyWin1, source: "off" },
    { pool: undefined, selection: onlyWin1, source: "off" },
    { pool: "Win1", selection: withSources, source: "native" },
    { pool: "win2", selection: withSources, source: "external" },
    { pool: "win3", selection: withSources, source: "off" },
    { pool: "win4", selection: withSources, source: "managed" },
    { pool: "win5", selection: withSources, source: "managed" },
    { pool: "Win1", selection: uninstalled, source: "off" },
    { pool: "win2", selection: uninstalled, source: "managed" },
    { pool: "win2", selection: forPools({ pools: ["win2"], uninstall: "*" }).selection, source: "off" },
  ])("is $source for $pool", ({ pool, selection, source }) => {
    expect(sourceOf(pool, selection)).toBe(source);
    expect(isManaged(pool ?? "", selection)).toBe(source === "managed");
  });
});

describe("the pool of a node", () => {
  test.each([
    { source: "its label", node: { pool: "win2", name: "akswin1000001" }, name: "win2" },
    { source: "its name if there is no label", node: { pool: undefined, name: "akswin1000001" }, name: "win1" },
    { source: "neither label nor name", node: { pool: undefined, name: "own-node" }, name: undefined },
  ])("is $name from $source", ({ node: { pool, name: nodeName }, name }) => {
    expect(poolOfNode({ pool, name: parseNodeName(nodeName) })).toBe(name);
  });
});

test("pool names are compared without regard to case", () => {
  expect(isSamePool("Win1", "wIN1")).toBe(true);
  expect(isSamePool("win1", "win10")).toBe(false);
  const pools = [pool({ name: "win1" }), pool({ name: "Win2" })];
  expect(findPool(pools, "WIN2")).toBe(pools[1]);
  expect(findPool(pools, "win3")).toBeUndefined();
  expect(findPool(pools, undefined)).toBeUndefined();
});
