import fc from "fast-check";
import type { ExtensionDesired } from "../../shared/extension/desired.ts";
import type { InstanceMemory } from "../../shared/extension/instance-memory.ts";
import type { ExtensionMemory } from "../../shared/extension/memory.ts";
import type { ExtensionObserved } from "../../shared/model/observed.ts";
import type { PoolSelection } from "../../shared/model/pools.ts";
import type { Instance, InstanceExtension, ModelExtension } from "../../shared/model/scale-set.ts";
import * as build from "../build.ts";
import { mostly, setMemories, standings } from "./arbitrary-memories.ts";
import { type ScaleSetWithMemory, withUninstall } from "./arbitrary-uninstalls.ts";
import { proof } from "./classified.ts";

const { DAY, HOUR, MARKER, MINUTE, NOW, OLD_MARKER, OLD_PACKAGE, OTHER_OWNER, PACKAGE, REMOVAL_MARKER } = build;
const { aksEntry, attempts, cse, instance, known, ourEntry, ours, removalEntry, tag } = build;

/** The three inputs of a plan. */
export interface RandomWorld {
  readonly desired: ExtensionDesired;
  readonly observed: ExtensionObserved;
  readonly memory: ExtensionMemory;
}

/** Whatever else the message says, it is the module's word that counts. */
const NODE_FAILURE = "aks-windows-metrics cause=node: The operation has timed out";

const markers = fc.constantFrom(undefined, MARKER, OLD_MARKER, REMOVAL_MARKER);

const instanceExtensions: fc.Arbitrary<readonly InstanceExtension[]> = fc
  .record({
    state: fc.constantFrom(undefined, "succeeded", "succeeded", "failed", "transitioning"),
    at: fc.constantFrom(NOW - MINUTE, NOW - 40 * MINUTE),
    message: fc.constantFrom("error downloading", "the MSI ended with 1603", "VM agent is not ready", NODE_FAILURE),
    hidesFailure: mostly(false, true),
    tag: mostly(undefined, tag(), tag({ marker: OLD_MARKER }), tag({ marker: REMOVAL_MARKER })),
    settings: mostly(undefined, ourEntry().settings, ourEntry({}, OLD_PACKAGE).settings, removalEntry().settings),
    logs: fc.constantFrom([], [], [proof()], [proof(OLD_MARKER)], [proof(REMOVAL_MARKER, "absent")]),
  })
  .map(({ state, message, hidesFailure, ...rest }) => {
    const said = state === "succeeded" && !hidesFailure ? "" : message;
    return state === undefined ? [] : [ours({ state, message: said, ...rest })];
  });

const instanceParts: fc.Arbitrary<Partial<Instance>> = fc.record({
  provisioningState: mostly("Succeeded", "Failed", "Updating", "Creating", "Deleting"),
  isRunning: mostly(true, false),
  agentReady: mostly(true, false),
  latestModelApplied: fc.boolean(),
  image: mostly("windows:20348.3000", "windows:20348.2000"),
  sku: mostly("Standard_D4s_v5", "standard_d4S_V5", "Standard_D8s_v5"),
  protectedFromScaleSetActions: mostly(false, true),
  extensions: fc
    .tuple(instanceExtensions, mostly([cse()], [cse("failed")], [cse("transitioning")], []))
    .map((parts) => parts.flat()),
});

const instanceMemories: fc.Arbitrary<Partial<InstanceMemory> | undefined> = fc.option(
  fc.record({
    marker: markers,
    failedMarker: markers,
    unprovenSince: fc.constantFrom(undefined, NOW - HOUR),
    hadExtension: fc.boolean(),
    installingSince: fc.constantFrom(undefined, NOW - MINUTE, NOW - 40 * MINUTE),
    attempts: fc.option(
      fc
        .record({
          marker: fc.constantFrom(MARKER, MARKER, OLD_MARKER, REMOVAL_MARKER),
          failingSince: fc.constantFrom(undefined, NOW - HOUR, NOW - 2 * DAY),
          count: fc.integer({ min: 1, max: 5 }),
          lastAt: fc.constantFrom(NOW - 5 * MINUTE, NOW - HOUR, NOW - 2 * DAY),
          succeeded: fc.boolean(),
          try: fc.nat(1),
          isTryKnown: fc.boolean(),
        })
        .map(attempts),
      { nil: undefined },
    ),
  }),
  { nil: undefined },
);

const modelExtensions: fc.Arbitrary<readonly ModelExtension[]> = fc.oneof(
  { weight: 6, arbitrary: fc.constant([aksEntry(), ourEntry()]) },
  {
    weight: 6,
    arbitrary: fc.constantFrom<readonly ModelExtension[]>(
      [aksEntry()],
      [],
      [aksEntry(), ourEntry({}, OLD_PACKAGE)],
      [aksEntry(), removalEntry()],
      [aksEntry(), removalEntry({ tag: tag({ marker: REMOVAL_MARKER, linkExpiresAt: NOW + HOUR }) })],
      [aksEntry(), ourEntry({ typeHandlerVersion: "2.77" })],
      [aksEntry(), ourEntry({ tag: tag({ linkExpiresAt: NOW + HOUR }) })],
      [aksEntry(), ourEntry({ tag: undefined })],
      [aksEntry(), ourEntry({ tag: tag({ owner: OTHER_OWNER, linkExpiresAt: NOW + HOUR }) })],
      [aksEntry(), aksEntry({ name: "dsc", publisher: "MICROSOFT.Powershell", type: "dsc" })],
    ),
  },
);

/** Facts of some nodes of the first pool: Ready, not Ready, or new. */
const nodeFacts = mostly(
  undefined,
  build.nodeFacts({ [instance("0").node]: {} }),
  build.nodeFacts({ [instance("0").node]: { ready: "False" }, [instance("1").node]: { createdAt: NOW - MINUTE } }),
);

const STATES = ["Updating", "Scaling", "Failed", "Canceled"] as const;

function scaleSetNamed(name: string): fc.Arbitrary<ScaleSetWithMemory> {
  return fc
    .record({
      instances: fc.array(fc.tuple(instanceParts, instanceMemories), { maxLength: 24 }),
      set: fc.record({
        provisioningState: mostly("Succeeded", ...STATES),
        upgradeMode: mostly("Manual", "Rolling"),
        orchestrationMode: mostly("Uniform", "Flexible"),
        isWindows: mostly(true, false),
        extensions: modelExtensions,
      }),
      memory: setMemories,
    })
    .map(({ instances, set, memory }) => {
      const built = instances.map(([parts], i) => instance(String(i), parts));
      const memories = instances.map(([, remembered], i) => (remembered ? known(String(i), remembered) : {}));
      const id = build.setIdOf(`aks${name}`);
      return [
        build.scaleSet({ id, name: `aks${name}`, pool: name, ...set, instances: built }),
        build.setMemory({ ...memory, instances: Object.fromEntries(memories.flatMap((each) => Object.entries(each))) }),
      ];
    });
}

const POOLS = ["win1", "win2", "win3"] as const;

/** Worlds whose parts all occur in Azure, though not necessarily together. */
export const worlds: fc.Arbitrary<RandomWorld> = fc
  .record({
    sets: fc.tuple(...POOLS.map(scaleSetNamed)),
    cluster: fc.option(
      fc.record({
        provisioningState: mostly("Succeeded", ...STATES),
        isStopped: mostly(false, true),
        nodeResourceGroupLocked: mostly(false, true),
      }),
      { nil: undefined, freq: 20 },
    ),
    pools: fc.tuple(
      ...POOLS.map((name) =>
        fc.record({
          name: fc.constant(name),
          provisioningState: mostly("Succeeded", ...STATES),
          isStopped: mostly(false, true),
        }),
      ),
    ),
    unusable: mostly<readonly string[]>([], [PACKAGE.hash], [OLD_PACKAGE.hash]),
    current: mostly<ExtensionObserved["packages"]["current"]>(
      { package: PACKAGE },
      { package: OLD_PACKAGE },
      { problem: "no" },
    ),
    desired: fc.record({
      selection: fc.record({
        pools: mostly(undefined, new Set(["win1", "win2"])),
        sources: mostly<PoolSelection["sources"]>(new Map(), new Map([["win2", "external"]])),
        uninstall: mostly<PoolSelection["uninstall"]>(new Set(), new Set(["win2"]), new Set(["win2"]), "all"),
      }),
      rolloutBatch: fc.integer({ min: 1, max: 6 }),
      restoreBatch: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
      packageAllowed: mostly(undefined, new Set([PACKAGE.hash])),
    }),
    busyPasses: fc.nat(5),
    showsEvidence: fc.boolean(),
    standing: standings,
    nodes: nodeFacts,
  })
  .map(({ sets: given, cluster, pools, unusable, current, desired, busyPasses, showsEvidence, standing, nodes }) => {
    const sets = given.map((each) => withUninstall(each, desired));
    const check = (hash: string) =>
      unusable.includes(hash)
        ? ({ usable: false, isRejected: false, problem: "gone" } as const)
        : ({ usable: true } as const);
    const checks = { [PACKAGE.hash]: check(PACKAGE.hash), [OLD_PACKAGE.hash]: check(OLD_PACKAGE.hash) };
    return {
      desired: build.desired(desired),
      observed: build.observed({
        cluster: cluster && build.cluster(cluster),
        pools: pools.map(build.pool),
        scaleSets: sets.map(([set]) => set),
        packages: { current, checks },
        nodes,
      }),
      memory: build.memory(
        {},
        {
          busyPasses,
          showsEvidence,
          ...standing,
          scaleSets: Object.fromEntries(sets.map(([set, memory]) => [set.id, memory])),
        },
      ),
    };
  });
