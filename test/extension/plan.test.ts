import { describe, expect, test } from "vitest";
import { planExtension } from "../../shared/extension/plan.ts";
import * as build from "../build.ts";
import { plan, words, type World } from "../planned.ts";

const { CLUSTER_ID, DAY, HOUR, MINUTE, NOW, OLD_MARKER, OLD_PACKAGE, OTHER_OWNER, PACKAGE, SET_ID } = build;
const { aksEntry, attempts, cse, desired, instance, known, memory, observed, operation, ourEntry, ours, tag } = build;

const unusable = { [PACKAGE.hash]: { usable: false, problem: "gone" }, [OLD_PACKAGE.hash]: { usable: true } } as const;
const foreign = aksEntry({ name: "dsc", publisher: "microsoft.powershell", type: "dsc" });
const oldEntry = ourEntry({}, OLD_PACKAGE);
const expiring = tag({ linkExpiresAt: NOW + DAY });
const outdatedOne = { instances: [instance("0", { extensions: [cse()] })] };

/** From the last row to the first: each makes its row fit, whatever those before it made fit. */
const LAYERS: readonly { readonly row: string; readonly add: (world: World) => World }[] = [
  { row: "converging canary -> upgrade-instances canary", add: (w) => ({ ...w, set: { ...w.set, ...outdatedOne } }) },
  {
    row: "acting link-expiring -> put-extension link-expiring",
    add: (w) => ({ ...w, set: { ...w.set, extensions: [aksEntry(), ourEntry({ tag: expiring })] } }),
  },
  {
    row: "acting settings-differ -> put-extension settings-differ",
    add: (w) => ({ ...w, set: { ...w.set, extensions: [aksEntry(), ourEntry({ tag: expiring, settings: {} })] } }),
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
  { row: "refused package-unusable", add: (w) => ({ ...w, packages: { checks: unusable } }) },
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

describe("each row comes before those below it", () => {
  test.each(LAYERS.map(({ row }, i) => ({ row, height: i + 1 })))("$row", ({ row, height }) => {
    const world = LAYERS.slice(0, height).reduce<World>((below, { add }) => add(below), {});
    expect(words(plan(world))).toBe(row);
  });
});

function mode(upgradeMode: string, orchestrationMode = "Uniform"): World {
  return { set: { upgradeMode, orchestrationMode } };
}

const WORLDS: readonly { readonly when: string; readonly world: World; readonly plan: string }[] = [
  { when: "all is well", world: {}, plan: "at-rest" },
  { when: "spelled otherwise", world: mode("manual", "uniform"), plan: "at-rest" },
  { when: "flexible", world: mode("Manual", "Flexible"), plan: "refused upgrade-policy" },
  { when: "automatic", world: mode("Automatic"), plan: "refused upgrade-policy" },
  ...["Creating", "Updating", "Scaling", "Upgrading", "Deleting", "Starting", "Stopping"].flatMap((state) => [
    { when: `cluster ${state}`, world: { cluster: { provisioningState: state } }, plan: "waiting aks-busy" },
    { when: `pool ${state}`, world: { pool: { provisioningState: state } }, plan: "waiting aks-busy" },
    { when: `set ${state}`, world: { set: { provisioningState: state } }, plan: "waiting aks-busy" },
  ]),
  { when: "its pool is gone", world: { pool: { name: "win2" } }, plan: "waiting aks-busy" },
  { when: "the cluster is stopped", world: { cluster: { isStopped: true } }, plan: "waiting stopped" },
  { when: "the pool is stopped", world: { pool: { isStopped: true } }, plan: "waiting stopped" },
  { when: "the pool is Canceled", world: { pool: { provisioningState: "Canceled" } }, plan: "waiting settling" },
  { when: "the set is Failed", world: { set: { provisioningState: "Failed" } }, plan: "waiting settling" },
  {
    when: "our operation runs, but AKS has begun another",
    world: { known: { operation: operation() }, pool: { provisioningState: "Scaling" } },
    plan: "waiting aks-busy",
  },
  {
    when: "our operation moves the set",
    world: { known: { operation: operation() }, set: { provisioningState: "Updating" } },
    plan: "waiting own-operation",
  },
  {
    when: "our operation has not ended after 90 minutes, the set moves",
    world: {
      known: { operation: operation({ submittedAt: NOW - 91 * MINUTE }) },
      set: { provisioningState: "Updating" },
    },
    plan: "waiting own-operation-lost",
  },
  {
    when: "our operation has not ended after 90 minutes, the set rests",
    world: { known: { operation: operation({ submittedAt: NOW - 91 * MINUTE }) }, set: { extensions: [aksEntry()] } },
    plan: "acting missing -> put-extension missing",
  },
  {
    when: "ours carries another owner's tag",
    world: { set: { extensions: [ourEntry({ tag: tag({ owner: OTHER_OWNER }) })] } },
    plan: "refused other-owner",
  },
  {
    when: "another owner's tag is on an instance",
    world: {
      set: {
        instances: [instance("0", { extensions: [cse(), ours({ tag: tag({ owner: OTHER_OWNER }) })] })],
      },
    },
    plan: "refused other-owner",
  },
  {
    when: "another owner was seen less than 7 days ago",
    world: {
      known: { otherOwner: { owner: OTHER_OWNER, seenAt: NOW - 7 * DAY + 1 } },
      set: { extensions: [aksEntry()] },
    },
    plan: "refused other-owner",
  },
  {
    when: "another owner was seen 7 days ago",
    world: { known: { otherOwner: { owner: OTHER_OWNER, seenAt: NOW - 7 * DAY } }, set: { extensions: [aksEntry()] } },
    plan: "acting missing -> put-extension missing",
  },
  {
    when: "a foreign DSC extension stands beside ours",
    world: { set: { extensions: [ourEntry(), foreign] } },
    plan: "refused foreign-extension",
  },
  {
    when: "our tag can't be read",
    world: { set: { extensions: [aksEntry(), ourEntry({ tag: undefined })] } },
    plan: "acting package-differs -> put-extension package-differs",
  },
  {
    when: "vmssCSE came after ours",
    world: { set: { extensions: [aksEntry(), ourEntry({ provisionAfterExtensions: [] })] } },
    plan: "acting settings-differ -> put-extension settings-differ",
  },
];

describe("one scale set", () => {
  test.each(WORLDS)("$when: $plan", ({ world, plan: expected }) => {
    expect(words(plan(world))).toBe(expected);
  });

  test("without its cluster is refused, and nothing is looked for", () => {
    const gone = planExtension(CLUSTER_ID, desired(), observed({ cluster: undefined }), memory());
    expect(gone).toEqual({
      actions: [],
      verdicts: [
        { subject: { kind: "cluster", cluster: CLUSTER_ID }, state: "refused", reason: "cluster-gone", since: NOW },
      ],
      requeueAt: NOW + 15 * MINUTE,
    });
  });
});

describe("a plan", () => {
  test("looks at Windows scale sets of AKS only", () => {
    expect(plan({ set: { isWindows: false } }).verdicts).toEqual([]);
    expect(plan({ set: { pool: undefined } }).verdicts).toEqual([]);
  });

  test("names the instances, the marker and the etag that it saw", () => {
    const [{ id, vmId, node }] = [instance("0")];
    expect(plan({ set: outdatedOne }).actions).toEqual([
      {
        kind: "upgrade-instances",
        scaleSet: SET_ID,
        pool: "win1",
        reason: "canary",
        marker: build.MARKER,
        instances: [{ scaleSet: SET_ID, id, vmId, node }],
        etag: '"1"',
      },
    ]);
  });

  test("has a verdict on every instance, in order, even while AKS works", () => {
    const instances = ["10", "9"].map((id) => instance(id));
    const working = plan({
      cluster: { provisioningState: "Updating" },
      set: { instances },
      known: { instances: known("9") },
    });
    expect(working.verdicts.slice(1)).toMatchObject([
      { subject: { kind: "instance", id: "9" }, state: "current" },
      { subject: { kind: "instance", id: "10" }, state: "unproven" },
    ]);
  });

  test("says since when a verdict has held, and from now where it is another", () => {
    const since = { [`${SET_ID} waiting aks-busy`]: NOW - HOUR, [`${SET_ID} at-rest `]: NOW - DAY };
    const working = plan({ pool: { provisioningState: "Scaling" }, memory: { since } });
    expect(working.verdicts[0]?.since).toBe(NOW - HOUR);
    expect(plan({ pool: { isStopped: true }, memory: { since } }).verdicts[0]?.since).toBe(NOW);
  });

  test("holds a failed package, and says what to do", () => {
    const failed = instance("0", { extensions: [cse(), ours({ state: "failed", message: "1603" })] });
    const world = { set: { instances: [failed, instance("1", { extensions: [cse()] })] } };
    const held = plan({ ...world, known: { instances: known("0", { failedMarker: build.MARKER }) } });
    expect(words(held)).toBe("waiting canary-failed");
    expect(held.verdicts[0]?.message).toBe(
      "the package failed on akswin1000000 (instances: 1 failed, 1 outdated). Publish another package, or delete the node",
    );
  });
});

function busy(busyPasses: number): World {
  return { cluster: { provisioningState: "Updating" }, memory: { busyPasses } };
}

describe("the next pass is due", () => {
  const transitioning = instance("0", { extensions: [cse(), ours({ state: "transitioning", at: NOW })] });
  const tried = (over: Parameters<typeof known>[1]): World => ({
    known: { instances: known("0", { attempts: attempts({ lastAt: NOW - 3 * MINUTE }), ...over }) },
  });

  test.each([
    { when: "all is well", world: {}, minutes: 15 },
    { when: "RESYNC_AFTER is 5 minutes", world: { desired: { resyncAfterMs: 5 * MINUTE } }, minutes: 5 },
    { when: "a write is planned", world: { set: { extensions: [] } }, minutes: 1 },
    { when: "an upgrade is planned", world: { set: outdatedOne }, minutes: 1 },
    { when: "plans are not performed", world: { set: outdatedOne, desired: { isObserveOnly: true } }, minutes: 15 },
    { when: "our operation runs", world: { known: { operation: operation() } }, minutes: 1 },
    { when: "one is installing", world: { set: { instances: [transitioning] } }, minutes: 1 },
    { when: "AKS works, first pass", world: busy(0), minutes: 1 },
    { when: "AKS works, second pass", world: busy(1), minutes: 2 },
    { when: "AKS works, third pass", world: busy(2), minutes: 4 },
    { when: "AKS works, fourth pass", world: busy(3), minutes: 5 },
    { when: "AKS works, for long", world: busy(40), minutes: 5 },
    {
      when: "AKS works, and one is installing",
      world: { ...busy(9), set: { instances: [transitioning] } },
      minutes: 1,
    },
    {
      when: "AKS works, and one is not provisioned yet",
      world: { ...busy(9), set: { instances: [instance("0", { provisioningState: "Creating", extensions: [] })] } },
      minutes: 1,
    },
    { when: "AKS works, and our operation runs", world: { ...busy(9), known: { operation: operation() } }, minutes: 1 },
    { when: "it is stopped", world: { cluster: { isStopped: true } }, minutes: 15 },
    {
      when: "it settles for 3 minutes more",
      world: { cluster: { provisioningState: "Failed" }, known: { failedSince: NOW - 12 * MINUTE } },
      minutes: 3,
    },
    { when: "the next try is in 2 minutes", world: { ...tried({}), set: outdatedOne }, minutes: 2 },
    // the design: `unproven` is upgraded "once per `vmId` and marker": there is no work left.
    { when: "one of unknown marker was tried", world: tried({ marker: undefined }), minutes: 15 },
  ])("in $minutes minutes when $when", ({ world, minutes }) => {
    expect(plan(world).requeueAt - NOW).toBe(minutes * MINUTE);
  });
});
