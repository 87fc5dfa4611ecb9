import { describe, expect, test } from "vitest";
import { planExtension } from "../../shared/extension/plan.ts";
import * as build from "../build.ts";
import { plan, words, type World } from "../planned.ts";

const { CLUSTER_ID, DAY, HOUR, MINUTE, NOW, OLD_MARKER, OLD_PACKAGE, OTHER_OWNER, PACKAGE, SET_ID } = build;
const { aksEntry, attempts, cse, desired, instance, known, memory, observed, operation, ourEntry, ours, tag } = build;

const unusable = {
  [PACKAGE.hash]: { usable: false, isRejected: false, problem: "gone" },
  [OLD_PACKAGE.hash]: { usable: true },
} as const;
const foreign = aksEntry({ name: "dsc", publisher: "microsoft.powershell", type: "dsc" });
const oldEntry = ourEntry({}, OLD_PACKAGE);
const expiring = tag({ linkExpiresAt: NOW + DAY });
const oneOutdated = { instances: [instance("0", { extensions: [cse()] })] };

/** The rows from last to first. Each change makes its row match, in addition to all rows that already match. */
const LAYERS: readonly { readonly row: string; readonly add: (world: World) => World }[] = [
  { row: "converging rollout -> upgrade-instances rollout", add: (w) => ({ ...w, set: { ...w.set, ...oneOutdated } }) },
  {
    row: "acting link-expiring -> put-extension link-expiring",
    add: (w) => ({ ...w, set: { ...w.set, extensions: [aksEntry(), ourEntry({ tag: expiring })] } }),
  },
  {
    row: "acting retry -> put-extension retry",
    add: (w) => ({
      ...w,
      set: { ...w.set, instances: [instance("0", { extensions: [cse(), ours({ state: "failed" })] })] },
      known: { ...w.known, instances: known("0", { attempts: attempts({ isTryKnown: false }) }) },
    }),
  },
  {
    row: "acting settings-differ -> put-extension settings-differ",
    add: (w) => ({ ...w, set: { ...w.set, extensions: [aksEntry(), ourEntry({ tag: expiring, settings: {} })] } }),
  },
  {
    row: "acting dangling-dependency -> put-extension dangling-dependency",
    add: (w) => ({
      ...w,
      set: { ...w.set, extensions: [aksEntry(), ourEntry({ provisionAfterExtensions: ["gone"], settings: {} })] },
    }),
  },
  {
    row: "acting package-differs -> put-extension package-differs",
    add: (w) => ({
      ...w,
      set: { ...w.set, extensions: [aksEntry(), { ...oldEntry, tag: { ...expiring, marker: OLD_MARKER } }] },
    }),
  },
  {
    row: "acting missing -> put-extension missing",
    add: (w) => ({ ...w, set: { ...w.set, extensions: [aksEntry()] } }),
  },
  { row: "refused package-unusable", add: (w) => ({ ...w, packages: { checks: unusable }, memory: { proven: [] } }) },
  {
    row: "refused other-owner",
    add: (w) => ({ ...w, known: { ...w.known, otherOwner: { owner: OTHER_OWNER, seenAt: NOW - DAY } } }),
  },
  { row: "refused foreign-extension", add: (w) => ({ ...w, set: { ...w.set, extensions: [aksEntry(), foreign] } }) },
  { row: "waiting settling", add: (w) => ({ ...w, cluster: { provisioningState: "Failed" } }) },
  { row: "waiting stopped", add: (w) => ({ ...w, pool: { isStopped: true } }) },
  { row: "waiting aks-busy", add: (w) => ({ ...w, set: { ...w.set, provisioningState: "Updating" } }) },
  { row: "waiting own-operation", add: (w) => ({ ...w, known: { ...w.known, operation: operation() } }) },
  { row: "refused upgrade-policy", add: (w) => ({ ...w, set: { ...w.set, upgradeMode: "Rolling" } }) },
  {
    row: "refused node-resource-group-locked",
    add: (w) => ({ ...w, cluster: { ...w.cluster, nodeResourceGroupLocked: true } }),
  },
];

describe("each row takes precedence over those below it", () => {
  test.each(LAYERS.map(({ row }, i) => ({ row, height: i + 1 })))("$row", ({ row, height }) => {
    const world = LAYERS.slice(0, height).reduce<World>((world, { add }) => add(world), {});
    expect(words(plan(world))).toBe(row);
  });
});

function withMode(upgradeMode: string, orchestrationMode = "Uniform"): World {
  return { set: { upgradeMode, orchestrationMode } };
}

const WORLDS: readonly { readonly when: string; readonly world: World; readonly plan: string }[] = [
  { when: "nothing differs", world: {}, plan: "at-rest" },
  { when: "the modes are in lower case", world: withMode("manual", "uniform"), plan: "at-rest" },
  { when: "the orchestration mode is Flexible", world: withMode("Manual", "Flexible"), plan: "refused upgrade-policy" },
  { when: "the upgrade policy is Automatic", world: withMode("Automatic"), plan: "refused upgrade-policy" },
  ...["Creating", "Updating", "Scaling", "Upgrading", "Deleting", "Starting", "Stopping"].flatMap((state) => [
    { when: `the cluster is ${state}`, world: { cluster: { provisioningState: state } }, plan: "waiting aks-busy" },
    { when: `the pool is ${state}`, world: { pool: { provisioningState: state } }, plan: "waiting aks-busy" },
    { when: `the scale set is ${state}`, world: { set: { provisioningState: state } }, plan: "waiting aks-busy" },
  ]),
  { when: "the pool does not exist", world: { pool: { name: "win2" } }, plan: "waiting aks-busy" },
  { when: "the cluster is stopped", world: { cluster: { isStopped: true } }, plan: "waiting stopped" },
  { when: "the pool is stopped", world: { pool: { isStopped: true } }, plan: "waiting stopped" },
  { when: "the pool is Canceled", world: { pool: { provisioningState: "Canceled" } }, plan: "waiting settling" },
  { when: "the scale set is Failed", world: { set: { provisioningState: "Failed" } }, plan: "waiting settling" },
  {
    when: "our operation is running, and AKS has started another",
    world: { known: { operation: operation() }, pool: { provisioningState: "Scaling" } },
    plan: "waiting aks-busy",
  },
  {
    when: "our operation is running, and the scale set is Updating",
    world: { known: { operation: operation() }, set: { provisioningState: "Updating" } },
    plan: "waiting own-operation",
  },
  {
    when: "our operation has not ended after 90 minutes, and the scale set is Updating",
    world: {
      known: { operation: operation({ submittedAt: NOW - 91 * MINUTE }) },
      set: { provisioningState: "Updating" },
    },
    plan: "waiting own-operation",
  },
  {
    when: "our extension has the tag of another owner",
    world: { set: { extensions: [ourEntry({ tag: tag({ owner: OTHER_OWNER }) })] } },
    plan: "refused other-owner",
  },
  {
    when: "our extension on an instance has the tag of another owner",
    world: {
      set: {
        instances: [instance("0", { extensions: [cse(), ours({ tag: tag({ owner: OTHER_OWNER }) })] })],
      },
    },
    plan: "refused other-owner",
  },
  {
    when: "another owner was observed less than 7 days ago",
    world: {
      known: { otherOwner: { owner: OTHER_OWNER, seenAt: NOW - 7 * DAY + 1 } },
      set: { extensions: [aksEntry()] },
    },
    plan: "refused other-owner",
  },
  {
    when: "a resync adopts the extension of another owner",
    world: {
      set: { extensions: [aksEntry(), ourEntry({ tag: tag({ owner: OTHER_OWNER }) })] },
      known: { adopting: OTHER_OWNER },
    },
    plan: "acting adopted -> put-extension adopted",
  },
  {
    when: "a resync adopted another owner than the model has now",
    world: {
      set: { extensions: [aksEntry(), ourEntry({ tag: tag({ owner: OTHER_OWNER }) })] },
      known: { adopting: "eeeeeeee" },
      memory: { adopted: [OTHER_OWNER] },
    },
    plan: "refused other-owner",
  },
  {
    when: "the tag of an adopted owner is left on an instance, and in the past of the model",
    world: {
      set: { instances: [instance("0", { extensions: [cse(), ours({ tag: tag({ owner: OTHER_OWNER }) })] })] },
      known: { otherOwner: { owner: OTHER_OWNER, seenAt: NOW } },
      memory: { adopted: [OTHER_OWNER] },
    },
    plan: "at-rest",
  },
  {
    when: "another owner was observed 7 days ago",
    world: { known: { otherOwner: { owner: OTHER_OWNER, seenAt: NOW - 7 * DAY } }, set: { extensions: [aksEntry()] } },
    plan: "acting missing -> put-extension missing",
  },
  {
    when: "the model has another DSC extension in addition to ours",
    world: { set: { extensions: [ourEntry(), foreign] } },
    plan: "refused foreign-extension",
  },
  {
    when: "the tag of our extension cannot be read",
    world: { set: { extensions: [aksEntry(), ourEntry({ tag: undefined })] } },
    plan: "acting package-differs -> put-extension package-differs",
  },
  {
    when: "our extension does not depend on vmssCSE yet",
    world: { set: { extensions: [aksEntry(), ourEntry({ provisionAfterExtensions: [] })] } },
    plan: "at-rest",
  },
];

describe("one scale set", () => {
  test.each(WORLDS)("$when: $plan", ({ world, plan: expected }) => {
    expect(words(plan(world))).toBe(expected);
  });

  test("a cluster that does not exist is refused, without a verdict about scale sets", () => {
    const missing = planExtension(CLUSTER_ID, desired(), observed({ cluster: undefined }), memory());
    expect(missing).toEqual({
      actions: [],
      verdicts: [
        { subject: { kind: "cluster", cluster: CLUSTER_ID }, state: "refused", reason: "cluster-gone", since: NOW },
      ],
      requeueAt: NOW + 15 * MINUTE,
    });
  });
});

describe("a plan", () => {
  test("includes only Windows scale sets of AKS", () => {
    expect(plan({ set: { isWindows: false } }).verdicts).toEqual([]);
    expect(plan({ set: { pool: undefined } }).verdicts).toEqual([]);
  });

  test("contains the observed instances, marker and ETag", () => {
    const [{ id, vmId, node }] = [instance("0")];
    expect(plan({ set: oneOutdated }).actions).toEqual([
      {
        kind: "upgrade-instances",
        scaleSet: SET_ID,
        pool: "win1",
        reason: "rollout",
        marker: build.MARKER,
        try: 0,
        instances: [{ scaleSet: SET_ID, id, vmId, node, before: undefined }],
        observed: { pool: "Succeeded", scaleSet: "Succeeded", etag: '"1"' },
      },
    ]);
  });

  test("has a verdict for every instance in order, also during an operation of AKS", () => {
    const instances = ["10", "9"].map((id) => instance(id));
    const busyPlan = plan({
      cluster: { provisioningState: "Updating" },
      set: { instances },
      known: { instances: known("9") },
    });
    expect(busyPlan.verdicts.slice(1)).toMatchObject([
      { subject: { kind: "instance", id: "9" }, state: "current" },
      { subject: { kind: "instance", id: "10" }, state: "unknown-package" },
    ]);
  });

  test("has the time since which each verdict has held: now, if it is new", () => {
    const since = { [`${SET_ID} waiting aks-busy`]: NOW - HOUR, [`${SET_ID} at-rest `]: NOW - DAY };
    const busyPlan = plan({ pool: { provisioningState: "Scaling" }, memory: { since } });
    expect(busyPlan.verdicts[0]?.since).toBe(NOW - HOUR);
    expect(plan({ pool: { isStopped: true }, memory: { since } }).verdicts[0]?.since).toBe(NOW);
  });
});

function busy(busyPasses: number): World {
  return { cluster: { provisioningState: "Updating" }, memory: { busyPasses } };
}

describe("the next pass is due", () => {
  const transitioning = instance("0", { extensions: [cse(), ours({ state: "transitioning", at: NOW })] });
  const attempted = (over: Parameters<typeof known>[1]): World => ({
    known: { instances: known("0", { attempts: attempts({ lastAt: NOW - 3 * MINUTE }), ...over }) },
  });

  test.each([
    { when: "nothing differs", world: {}, minutes: 15 },
    { when: "RESYNC_AFTER is 5 minutes", world: { desired: { resyncAfterMs: 5 * MINUTE } }, minutes: 5 },
    { when: "a write is planned", world: { set: { extensions: [] } }, minutes: 1 },
    { when: "an upgrade is planned", world: { set: oneOutdated }, minutes: 1 },
    { when: "actions are withheld", world: { set: oneOutdated, desired: { isObserveOnly: true } }, minutes: 15 },
    { when: "our operation is running", world: { known: { operation: operation() } }, minutes: 1 },
    { when: "an instance is installing", world: { set: { instances: [transitioning] } }, minutes: 1 },
    { when: "AKS is busy in the first pass", world: busy(0), minutes: 1 },
    { when: "AKS is busy in the second pass", world: busy(1), minutes: 2 },
    { when: "AKS is busy in the third pass", world: busy(2), minutes: 4 },
    { when: "AKS is busy in the fourth pass", world: busy(3), minutes: 5 },
    { when: "AKS is busy in the 41st pass", world: busy(40), minutes: 5 },
    {
      when: "AKS is busy, and an instance is installing",
      world: { ...busy(9), set: { instances: [transitioning] } },
      minutes: 1,
    },
    {
      when: "AKS is busy, and an instance is being created",
      world: { ...busy(9), set: { instances: [instance("0", { provisioningState: "Creating", extensions: [] })] } },
      minutes: 1,
    },
    {
      when: "AKS is busy, and our operation is running",
      world: { ...busy(9), known: { operation: operation() } },
      minutes: 1,
    },
    { when: "the cluster is stopped", world: { cluster: { isStopped: true } }, minutes: 15 },
    {
      when: "the wait after a failure of AKS ends in 3 minutes",
      world: { cluster: { provisioningState: "Failed" }, known: { failedSince: NOW - 12 * MINUTE } },
      minutes: 3,
    },
    { when: "the next attempt is in 2 minutes", world: { ...attempted({}), set: oneOutdated }, minutes: 2 },
    {
      when: "an instance with an unknown marker was upgraded once",
      world: attempted({ marker: undefined }),
      minutes: 15,
    },
  ])("in $minutes minutes when $when", ({ world, minutes }) => {
    expect(plan(world).requeueAt - NOW).toBe(minutes * MINUTE);
  });
});
