import fc from "fast-check";
import type { ExtensionMemory, ScaleSetMemory } from "../../shared/extension/memory.ts";
import * as build from "../build.ts";

const { DAY, HOUR, instance, MARKER, MINUTE, NOW, OLD_MARKER, OLD_PACKAGE, operation, OTHER_OWNER, PACKAGE } = build;

/** Generates mostly the first value, so that a world rarely has more than a few problems at a time. */
export function mostly<T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant(usual) },
    { weight: 3, arbitrary: fc.constantFrom(usual, ...others) },
  );
}

const OPEN_BATCH = {
  marker: MARKER,
  submittedAt: NOW - HOUR,
  isAccepted: true,
  endedAt: NOW - MINUTE,
  isEndKnown: true,
  members: [{ vmId: "vm-0", node: instance("0").node, before: undefined, result: undefined }],
};

const HELD_NODES = ["0", "1"].map((id) => instance(id).node);

/** What the cluster knows of the two packages. */
export const standings: fc.Arbitrary<Pick<ExtensionMemory, "proven" | "trial" | "held">> = fc
  .constantFrom(
    { proven: [OLD_PACKAGE, PACKAGE] },
    { proven: [OLD_PACKAGE, PACKAGE] },
    { proven: [PACKAGE], trial: trialOf(OLD_MARKER, "win1") },
    { proven: [OLD_PACKAGE], trial: trialOf(MARKER, "win1") },
    { proven: [], trial: trialOf(MARKER, "win1", "win2") },
    { proven: [OLD_PACKAGE], held: { marker: MARKER, reason: "canary-failed", since: NOW - HOUR, nodes: HELD_NODES } },
    { proven: [], held: { marker: MARKER, reason: "harmed-nodes", since: NOW - HOUR, nodes: HELD_NODES } },
  )
  .map((given) => ({ trial: undefined, held: undefined, ...given }));

function trialOf(marker: string, ...pools: readonly string[]): NonNullable<ExtensionMemory["trial"]> {
  const scaleSets = pools.map((name) => build.setIdOf(`aks${name}`));
  return { marker, since: NOW - HOUR, scaleSets, joinedAt: NOW - HOUR, currentAt: undefined, soakingSince: undefined };
}

export const setMemories: fc.Arbitrary<Partial<ScaleSetMemory>> = fc.record({
  linkIssuedAt: fc.constantFrom(undefined, NOW - HOUR, NOW - 3 * DAY),
  otherOwner: mostly(undefined, ...[DAY, 8 * DAY].map((ago) => ({ owner: OTHER_OWNER, seenAt: NOW - ago }))),
  failedSince: fc.constantFrom(undefined, NOW - MINUTE, NOW - HOUR),
  batch: mostly(undefined, OPEN_BATCH),
  unharmedAt: fc.constantFrom(undefined, NOW - MINUTE, NOW - HOUR),
  aksWorkedAt: mostly(undefined, NOW - 30 * MINUTE),
  harm: mostly(undefined, { marker: MARKER, since: NOW - HOUR, nodes: [], image: undefined, version: undefined }),
  packageHold: mostly(undefined, ...[MARKER, OLD_MARKER].map((marker) => ({ marker, since: NOW, nodes: HELD_NODES }))),
  uninstall: fc
    .constantFrom(PACKAGE, PACKAGE, OLD_PACKAGE, undefined)
    .map((each) => ({ since: NOW - HOUR, package: each })),
  operation: mostly(
    undefined,
    operation(),
    operation({ submittedAt: NOW - 2 * HOUR }),
    operation({ kind: "upgrade-instances", instances: ["vm-0", "vm-1"], submittedAt: NOW - 2 * HOUR }),
    operation({ state: "failed", endedAt: NOW - MINUTE }),
  ),
  backOff: mostly(undefined, {
    reason: "throttled" as const,
    until: NOW + HOUR,
    attempts: 1,
    key: "",
    message: "429",
    since: NOW - HOUR,
    names: undefined,
  }),
});
