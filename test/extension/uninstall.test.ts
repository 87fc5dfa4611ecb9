import { describe, expect, test } from "vitest";
import { findHold } from "../../shared/extension/hold.ts";
import type { ExtensionMemory, ScaleSetMemory } from "../../shared/extension/memory.ts";
import type { Instance, InstanceExtension } from "../../shared/model/scale-set.ts";
import * as build from "../build.ts";
import { plan, words, type World } from "../planned.ts";
import { classify, format, proof, withExtensions } from "./classified.ts";

const { DAY, HOUR, MARKER, MINUTE, NOW, OLD_REMOVAL_MARKER, PACKAGE, REMOVAL_MARKER } = build;
const { aksEntry, attempts, cse, instance, known, ourEntry, ours, removalEntry, tag } = build;

const UNINSTALL = { since: NOW - HOUR, package: PACKAGE };
const removed = on("0", { logs: [proof(REMOVAL_MARKER, "absent")] });
const installed = on("0", { logs: [proof()] });
const failed = on("0", { state: "failed", message: "cause", tag: tag({ marker: REMOVAL_MARKER }) });
const deletion = "acting uninstall -> delete-extension uninstall";
const put = "acting uninstall -> put-extension uninstall";

function on(id: string, over: Partial<InstanceExtension>, instanceOver: Partial<Instance> = {}): Instance {
  return instance(id, { ...withExtensions(ours(over)), ...instanceOver });
}

interface Case {
  readonly when: string;
  /** Our extension in the model: none, that of the package, or its removal (the default). */
  readonly model?: "none" | "installed";
  readonly instances?: readonly Instance[];
  readonly known?: Partial<ScaleSetMemory>;
  readonly memory?: Partial<ExtensionMemory>;
  readonly world?: World;
  readonly plan: string;
}

function planned({ model, instances = [removed], known: set, memory, world }: Omit<Case, "when" | "plan">) {
  const entries = { none: [], installed: [ourEntry()], removal: [removalEntry()] }[model ?? "removal"];
  return plan({
    ...world,
    set: { extensions: [aksEntry(), ...entries], instances, ...world?.set },
    known: { uninstall: UNINSTALL, ...set },
    memory: { showsEvidence: true, ...memory },
    desired: { ...build.forPools({ uninstall: ["win1"] }), ...world?.desired },
  });
}

const trying = (over: Parameters<typeof attempts>[0], more = {}): Partial<ScaleSetMemory> => ({
  instances: known("0", { attempts: attempts({ marker: REMOVAL_MARKER, ...over }), ...more }),
});
const failing = (ago: number, more = {}): Partial<ScaleSetMemory> =>
  trying({ failedAt: NOW - MINUTE, failingSince: NOW - ago }, more);
const silent = { agentReady: false, extensions: [] };

const CASES: readonly Case[] = [
  { when: "the package is installed", model: "installed", instances: [installed], plan: put },
  {
    when: "the exporter is still there, and AKS dropped the extension",
    model: "none",
    instances: [installed],
    plan: put,
  },
  {
    when: "the removal is in the model",
    instances: [installed],
    plan: "converging uninstall -> upgrade-instances uninstall",
  },
  { when: "it is removed from every instance", plan: deletion },
  { when: "the model has the package, and no instance", model: "installed", instances: [], plan: deletion },
  { when: "it is removed, and no longer in the model", model: "none", plan: "excluded uninstall" },
  {
    when: "no instance ever had it",
    model: "none",
    instances: [instance("0", { extensions: [cse()] })],
    plan: "excluded uninstall",
  },
  {
    when: "another package removed it",
    instances: [on("0", { logs: [proof(OLD_REMOVAL_MARKER, "absent")] })],
    plan: deletion,
  },
  {
    when: "the rest is stopped",
    instances: [removed, instance("1", { isRunning: false, extensions: [] })],
    plan: deletion,
  },
  { when: "an agent is silent", instances: [on("0", {}, silent)], plan: "waiting uninstall" },
  {
    when: "an agent is silent, after the removal was seen",
    instances: [on("0", {}, silent)],
    known: { instances: known("0", { marker: REMOVAL_MARKER, succeededAt: undefined }) },
    plan: deletion,
  },
  {
    when: "an agent is silent, without the extension in the model",
    model: "none",
    instances: [on("0", {}, silent)],
    plan: "waiting uninstall",
  },
  {
    when: "an instance is protected, without the extension in the model",
    model: "none",
    instances: [{ ...installed, protectedFromScaleSetActions: true }],
    plan: "waiting uninstall",
  },
  { when: "the removal failed a minute ago", instances: [failed], known: failing(MINUTE), plan: "waiting retry" },
  { when: "it has failed for almost 24 hours", instances: [failed], known: failing(DAY - 1), plan: "waiting retry" },
  { when: "it has failed for 24 hours", instances: [failed], known: failing(DAY), plan: deletion },
  {
    when: "it has failed for 24 hours, and a resync wants it again",
    instances: [failed],
    known: failing(DAY, { retryAfterTry: 0 }),
    plan: "acting retry -> put-extension retry",
  },
  {
    when: "it has failed for 24 hours, and is gone from the model",
    model: "none",
    instances: [failed],
    known: failing(DAY),
    plan: "excluded uninstall",
  },
  {
    when: "nothing shows a run, and success of the removal counts",
    instances: [on("0", { tag: tag({ marker: REMOVAL_MARKER }) })],
    memory: { showsEvidence: false },
    plan: deletion,
  },
  {
    when: "a run does not show the result that others show",
    instances: [on("0", { tag: tag({ marker: REMOVAL_MARKER }) })],
    plan: "waiting uninstall",
  },
  {
    when: "no package can remove it",
    model: "none",
    instances: [installed],
    known: { uninstall: { since: NOW, package: undefined } },
    plan: "refused package-unusable",
  },
  {
    when: "an upgrade harmed a node",
    instances: [installed],
    known: { harm: { marker: MARKER, since: NOW, nodes: [], image: undefined, version: undefined } },
    plan: "held upgrade-restarted-node",
  },
  {
    when: "AKS is at work",
    model: "installed",
    instances: [installed],
    world: { pool: { provisioningState: "Updating" } },
    plan: "waiting aks-busy",
  },
  {
    when: "it has another owner",
    model: "none",
    instances: [on("0", { tag: tag({ owner: build.OTHER_OWNER }) })],
    plan: "refused other-owner",
  },
  {
    when: "the pool is outside POOLS as well",
    model: "installed",
    instances: [installed],
    world: { desired: build.forPools({ pools: ["win2"], uninstall: "*" }) },
    plan: put,
  },
  {
    when: "the link of the removal expires, and an instance remains",
    instances: [failed],
    known: { ...failing(MINUTE), linkIssuedAt: NOW - 4 * DAY },
    world: {
      set: {
        extensions: [aksEntry(), removalEntry({ tag: tag({ marker: REMOVAL_MARKER, linkExpiresAt: NOW + DAY }) })],
      },
    },
    plan: "acting link-expiring -> put-extension link-expiring",
  },
  {
    when: "the extension was deleted three times lately, and is back",
    known: {
      puts: { key: "delete-extension", times: [NOW - 3 * MINUTE, NOW - 2 * MINUTE, NOW - MINUTE], retries: 0 },
    },
    plan: "refused write-without-effect",
  },
];

describe("a pool in UNINSTALL_POOLS", () => {
  test.each(CASES)("$when: $plan", ({ plan: expected, ...rest }) => {
    expect(words(planned(rest))).toBe(expected);
  });

  test("gets the package of its model with Ensure = Absent, in the other arguments unchanged", () => {
    const [action] = planned({ model: "installed", instances: [installed] }).actions;
    expect(action).toMatchObject({
      extension: {
        marker: REMOVAL_MARKER,
        settings: {
          configurationArguments: { Port: 9182, Ensure: "Absent", Package: PACKAGE.hash, Marker: REMOVAL_MARKER },
        },
      },
    });
  });

  test("gets one node first although others were upgraded before, then batches", () => {
    const instances = ["0", "1", "2"].map((id) => on(id, { logs: [proof()] }));
    const batch = (unharmedAt: number) =>
      planned({ instances, known: { unharmedAt } }).actions.map((each) => "instances" in each && each.instances.length);
    expect([batch(UNINSTALL.since), batch(UNINSTALL.since + 1)]).toEqual([[1], [3]]);
  });

  test("is not held by a package that failed, but by harm", () => {
    const nodes = [instance("0").node];
    const held = { marker: MARKER, since: NOW, nodes };
    const memory = build.setMemory({ uninstall: UNINSTALL, packageHold: { ...held, marker: REMOVAL_MARKER } });
    const ctx = { marker: REMOVAL_MARKER, isNew: false, now: NOW };
    expect(findHold([], { ...ctx, memory })).toBeUndefined();
    const harm = { ...held, image: undefined, version: undefined };
    expect(findHold([], { ...ctx, memory: { ...memory, harm } })?.reason).toBe("upgrade-restarted-node");
  });

  test("is left out of the other pools' trial, and is no CANARY_POOL", () => {
    const trial = {
      marker: MARKER,
      since: NOW,
      scaleSets: [],
      joinedAt: NOW,
      currentAt: undefined,
      soakingSince: undefined,
    };
    const { verdicts } = planned({
      memory: { trial, proven: [] },
      world: { desired: { canaryPool: "win1", ...build.forPools({ uninstall: ["win1"] }) } },
    });
    expect(verdicts.filter(({ subject }) => subject.kind === "cluster")).toEqual([]);
  });
});

test("a pool outside UNINSTALL_POOLS whose model has a removal gets its package again", () => {
  const world = {
    set: { extensions: [aksEntry(), removalEntry()], instances: [removed] },
    memory: { showsEvidence: true },
  };
  expect(words(plan(world))).toBe("acting package-differs -> put-extension package-differs");
  const back = { ...world, set: { ...world.set, extensions: [aksEntry(), ourEntry()] } };
  expect(words(plan(back))).toBe("converging rollout -> upgrade-instances rollout");
});

describe("an instance of a pool that is uninstalled", () => {
  test.each([
    { when: "its view has no extension", as: withExtensions(), verdict: "uninstalled" },
    { when: "it shows the removal", as: removed, showsEvidence: true, verdict: "uninstalled" },
    { when: "it shows a healthy exporter", as: installed, showsEvidence: true, verdict: "outdated" },
    { when: "its VM is stopped", as: { isRunning: false }, verdict: "not-running" },
    { when: "its removal runs", as: withExtensions(ours({ state: "transitioning" })), verdict: "installing" },
  ] as const)("$when: $verdict", ({ as, verdict, ...rest }) => {
    expect(format(classify({ as, isRemoving: true, ...rest }))).toBe(verdict);
  });
});
