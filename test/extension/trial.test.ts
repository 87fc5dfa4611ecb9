import { describe, expect, test } from "vitest";
import type { ExtensionDesired } from "../../shared/extension/desired.ts";
import type { ExtensionMemory, ScaleSetMemory } from "../../shared/extension/memory.ts";
import { recordMarkers } from "../../shared/extension/record-markers.ts";
import type { ExtensionObserved } from "../../shared/model/observed.ts";
import type { Instance, ScaleSet } from "../../shared/model/scale-set.ts";
import * as build from "../build.ts";

const { attempts, cse, DAY, HOUR, instance, known, MARKER, MINUTE, nodeFacts, NOW, OLD_MARKER, OLD_PACKAGE } = build;
const { ourEntry, ours, PACKAGE, setIdOf, setMemory, tag } = build;

const installed = (id: string): Instance => instance(id, { extensions: [cse(), ours({ tag: tag() })] });
const failing = (id: string, message = "1603"): Instance =>
  instance(id, { extensions: [cse(), ours({ state: "failed", message })] });
const bare = (id: string): Instance => instance(id, { extensions: [cse()] });
const silent = (id: string): Instance => instance(id, { agentReady: false });

/** Returns a pool with the old package in its model. */
function poolNamed(name: string, instances: readonly Instance[], over: Partial<ScaleSet> = {}): ScaleSet {
  const names = { id: setIdOf(`aks${name}`), name: `aks${name}`, pool: name };
  return build.scaleSet({ ...names, extensions: [build.aksEntry(), ourEntry({}, OLD_PACKAGE)], instances, ...over });
}

interface Situation {
  readonly sets: readonly ScaleSet[];
  readonly memory?: Partial<ExtensionMemory>;
  readonly known?: Readonly<Record<string, Partial<ScaleSetMemory>>>;
  readonly world?: Partial<ExtensionObserved>;
  readonly desired?: Partial<ExtensionDesired>;
  /** The package that was named before. */
  readonly before?: typeof PACKAGE;
}

/** Records a pass in a cluster in which the old package is proven, and the other one is named. */
function pass({ sets, memory, known: sources = {}, world, desired, before = PACKAGE }: Situation): ExtensionMemory {
  const pools = sets.map(({ pool = "" }) => build.pool({ name: pool }));
  const observed = build.observed({ scaleSets: sets, pools, ...world });
  const scaleSets = Object.fromEntries(
    sets.map(({ id, pool = "", instances }) => {
      const all = Object.assign({}, ...instances.map((each) => known(each.id, { marker: OLD_MARKER })));
      return [id, setMemory({ pool, instances: all, ...sources[pool] })];
    }),
  );
  const given = build.memory({}, { proven: [OLD_PACKAGE], package: PACKAGE, scaleSets, ...memory });
  return recordMarkers(given, before, { desired: build.desired(desired), observed });
}

const trial = (pools: readonly string[], over: Partial<NonNullable<ExtensionMemory["trial"]>> = {}) => {
  const scaleSets = pools.map((name) => setIdOf(`aks${name}`));
  return {
    marker: MARKER,
    since: NOW,
    scaleSets,
    joinedAt: NOW,
    currentAt: undefined,
    soakingSince: undefined,
    ...over,
  };
};
const canariesIn = ({ trial: found }: ExtensionMemory): readonly (string | undefined)[] | undefined =>
  found?.scaleSets.map((id) => /aks(\w+)$/.exec(id)?.[1]);

describe("the canary pools of a new package", () => {
  const both = [poolNamed("win2", [bare("0")]), poolNamed("win1", [bare("0")])];
  const empty = poolNamed("win1", []);
  const refused = poolNamed("win1", [bare("0")], { upgradeMode: "Rolling" });
  const paused = { pauses: { schema: 1, until: 0, pools: { win1: NOW + HOUR } } } as const;
  const late = { since: NOW - 2 * HOUR, joinedAt: NOW - 2 * HOUR };

  test.each<Situation & { readonly when: string; readonly pools: readonly string[] }>([
    { when: "none is chosen yet: the first by name", sets: both, pools: ["win1"] },
    { when: "the first has no instance", sets: [empty, poolNamed("win2", [bare("0")])], pools: ["win2"] },
    { when: "the first is refused", sets: [refused, poolNamed("win2", [bare("0")])], pools: ["win2"] },
    { when: "the first is paused", sets: both, world: paused, pools: ["win2"] },
    { when: "the first is not managed", sets: both, desired: build.forPools({ pools: ["win2"] }), pools: ["win2"] },
    { when: "no pool has an instance: the model of the first", sets: [poolNamed("win2", []), empty], pools: ["win1"] },
    {
      when: "the model of one has it already",
      sets: [...both, poolNamed("win3", [], modelOf(MARKER))],
      pools: ["win3"],
    },
    { when: "CANARY_POOL is set", sets: both, desired: { canaryPool: "win2" }, pools: ["win2"] },
    { when: "CANARY_POOL does not exist", sets: both, desired: { canaryPool: "win9" }, pools: [] },
    {
      when: "CANARY_POOL has not existed for two hours",
      sets: both,
      desired: { canaryPool: "win9" },
      memory: { trial: trial([], { since: NOW - 2 * HOUR, joinedAt: undefined }) },
      pools: ["win1"],
    },
    {
      when: "CANARY_POOL is the only one, and has no instance",
      sets: [empty],
      desired: { canaryPool: "win1" },
      pools: ["win1"],
    },
    { when: "one is chosen", sets: both, memory: { trial: trial(["win2"]) }, pools: ["win2"] },
    { when: "the chosen one is gone", sets: [both[0] ?? empty], memory: { trial: trial(["win1"]) }, pools: ["win2"] },
    {
      when: "the chosen one has had no current instance for two hours",
      sets: both,
      memory: { trial: trial(["win2"], late) },
      pools: ["win2", "win1"],
    },
    {
      when: "it had one less than two hours ago",
      sets: both,
      memory: { trial: trial(["win2"], { ...late, currentAt: NOW - HOUR }) },
      pools: ["win2"],
    },
    {
      when: "the trial was of another package",
      sets: both,
      memory: { trial: trial(["win2"], { marker: "x" }) },
      pools: ["win1"],
    },
  ])("when $when: $pools", ({ pools, ...situation }) => {
    expect(canariesIn(pass(situation))).toEqual(pools);
  });

  test("a package that is proven has no trial, also after a rollback in the middle of another one", () => {
    const world = { packages: { ...build.observed().packages, current: { package: OLD_PACKAGE } } };
    expect(pass({ sets: both, world, memory: { trial: trial(["win1"]), package: OLD_PACKAGE } }).trial).toBeUndefined();
  });
});

describe("a package is proven", () => {
  const well = installed("0");
  const ready = nodeFacts({ [well.node]: {} });

  test.each([
    {
      when: "after 30 minutes with a current instance and its Node Ready",
      ago: 30 * MINUTE,
      one: well,
      nodes: ready,
      proven: true,
    },
    { when: "not before", ago: 30 * MINUTE - 1, one: well, nodes: ready, proven: false },
    { when: "also without node facts", ago: 30 * MINUTE, one: well, nodes: undefined, proven: true },
    {
      when: "not while the Node is not Ready",
      ago: DAY,
      one: well,
      nodes: nodeFacts({ [well.node]: { ready: "False" } }),
      proven: false,
    },
    { when: "not by an instance that cannot be seen", ago: DAY, one: silent("0"), nodes: ready, proven: false },
    { when: "not without an instance", ago: DAY, one: undefined, nodes: ready, proven: false },
  ])("$when", ({ ago, one, nodes, proven }) => {
    const sets = [poolNamed("win1", one ? [one] : []), poolNamed("win2", [installed("0")])];
    const after = pass({ sets, memory: soaking(ago), world: { nodes } });
    expect(isProven(after)).toBe(proven);
    expect(after.trial === undefined).toBe(proven);
  });

  test.each([
    { when: "ends when no instance is current", sets: [poolNamed("win1", [bare("0")])], nodes: ready, goesOn: false },
    {
      when: "ends when the Node of the only one is not Ready",
      sets: [poolNamed("win1", [well])],
      nodes: nodeFacts({ [well.node]: { ready: "Unknown" } }),
      goesOn: false,
    },
    { when: "goes on while the agent is silent", sets: [poolNamed("win1", [silent("0")])], nodes: ready, goesOn: true },
    {
      when: "goes on while its Node is not seen",
      sets: [poolNamed("win1", [well])],
      nodes: nodeFacts({}),
      goesOn: true,
    },
  ])("the soak $when", ({ sets, nodes, goesOn }) => {
    const pools = ["win1", "win2"];
    const { trial: after } = pass({
      sets,
      memory: { trial: trial(pools, { soakingSince: NOW - MINUTE }) },
      world: { nodes },
    });
    expect(after?.soakingSince).toBe(goesOn ? NOW - MINUTE : undefined);
  });

  test("the soak goes on while its pool cannot be read", () => {
    const { instances: _instances, ownOperation: _operation, ...model } = poolNamed("win1", [well]);
    const world = { nodes: ready, unreadable: [{ model, failure: undefined }] };
    const after = pass({ sets: [poolNamed("win2", [bare("0")])], memory: soaking(MINUTE), world });
    expect(after.trial).toMatchObject({ scaleSets: [model.id], soakingSince: NOW - MINUTE });
  });

  test("new arguments for the same zip begin a trial", () => {
    const again = { ...PACKAGE, arguments: { Port: 9183 } };
    const world = { packages: { ...build.observed().packages, current: { package: again } } };
    const after = pass({ sets: [poolNamed("win1", [well])], world, memory: { proven: [PACKAGE], package: again } });
    expect(canariesIn(after)).toEqual(["win1"]);
  });
});

describe("a new package is held", () => {
  const stuck = instance("0", { extensions: [cse(), ours({ state: "transitioning" })] });
  const tried = { attempts: attempts() };
  const hung = { ...tried, installingSince: NOW - HOUR };

  test.each([
    { when: "it failed because of itself", one: failing("0"), was: tried, held: true },
    { when: "it hangs", one: stuck, was: hung, held: true },
    {
      when: "a node that was created with it hangs",
      one: stuck,
      was: { installingSince: NOW - HOUR, provisioned: tag() },
      held: true,
    },
    {
      when: "the node prevented it",
      one: failing("0", "aks-windows-metrics cause=node: no space"),
      was: tried,
      held: false,
    },
    {
      when: "it failed in an unknown try",
      one: failing("0"),
      was: { attempts: attempts({ isTryKnown: false }) },
      held: false,
    },
    { when: "a resync asked for another attempt", one: failing("0"), was: { ...tried, retryAfterTry: 0 }, held: false },
  ])("when $when: $held", ({ one, was, held }) => {
    const sets = [poolNamed("win1", [one, installed("1")], modelOf(MARKER))];
    const after = pass({ sets, known: { win1: { instances: known("0", was) } }, memory: { trial: trial(["win1"]) } });
    expect(after.held?.reason).toBe(held ? "canary-failed" : undefined);
    expect(after.trial === undefined).toBe(held);
  });

  test("when upgrades to it interrupted nodes in two pools, not in one", () => {
    const sets = ["win1", "win2"].map((name) => poolNamed(name, [bare("0")], modelOf(MARKER)));
    const harm = { marker: MARKER, since: NOW, nodes: [instance("0").node], image: undefined, version: undefined };
    const memory = { trial: trial(["win1", "win2"]) };
    expect(pass({ sets, memory, known: { win1: { harm } } }).held).toBeUndefined();
    expect(pass({ sets, memory, known: { win1: { harm }, win2: { harm } } }).held).toMatchObject({
      reason: "harmed-nodes",
      nodes: [instance("0").node, instance("0").node],
    });
  });

  test("until another one is named", () => {
    const held = { marker: MARKER, reason: "canary-failed", since: NOW, nodes: [] } as const;
    const sets = [poolNamed("win1", [bare("0")])];
    expect(pass({ sets, memory: { held } }).held).toEqual(held);
    const other = pass({ sets, memory: { held }, before: OLD_PACKAGE });
    expect(other).toMatchObject({ held: undefined, trial: { marker: MARKER } });
  });
});

test("a proven package that fails because of itself on two instances is held in that pool, until another one is named", () => {
  const failures = ["0", "1"].map((id) => failing(id));
  const sets = [poolNamed("win1", failures, modelOf(MARKER)), poolNamed("win2", [installed("0")], modelOf(MARKER))];
  const instances = Object.assign({}, ...["0", "1"].map((id) => known(id, { attempts: attempts({ failedAt: NOW }) })));
  const held = pass({ sets, memory: { proven: [PACKAGE] }, known: { win1: { instances } } });
  const holds = Object.values(held.scaleSets).map(({ packageHold }) => packageHold?.marker);
  expect(holds).toEqual([MARKER, undefined]);
  const renamed = pass({ sets, memory: held, before: OLD_PACKAGE, known: {} });
  expect(renamed.held).toBeUndefined();
});

function soaking(ago: number): Pick<ExtensionMemory, "trial"> {
  return { trial: trial(["win1"], { soakingSince: NOW - ago }) };
}

function isProven({ proven }: ExtensionMemory): boolean {
  return proven.at(-1) === PACKAGE;
}

function modelOf(marker: string): Partial<ScaleSet> {
  return { extensions: [build.aksEntry(), ourEntry({}, marker === MARKER ? PACKAGE : OLD_PACKAGE)] };
}
