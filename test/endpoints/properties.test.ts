import fc from "fast-check";
import { expect, test } from "vitest";
import { EMPTY_ENDPOINTS_MEMORY, type EndpointsMemory, rememberEndpoints } from "../../shared/endpoints/memory.ts";
import { planEndpoints } from "../../shared/endpoints/plan.ts";
import type { EndpointsAction } from "../../shared/model/action.ts";
import type { EndpointsObserved } from "../../shared/model/observed.ts";
import type { Plan } from "../../shared/model/plan.ts";
import { type NodeEndpoint, SLICE_NAMES } from "../../shared/model/slice.ts";
import type { EpochMs } from "../../shared/model/time.ts";
import type { Verdict } from "../../shared/model/verdict.ts";
import { CLUSTER_ID, MINUTE, NOW } from "../build.ts";
import { seed } from "../seed.ts";
import { allowed } from "./allowed.ts";
import { histories, type History } from "./histories.ts";
import { PureKube } from "./pure-kube.ts";

type Published = ReadonlyMap<string, NodeEndpoint>;

/** One pass: its plan, and what was published before, between and after its writes. */
interface Pass {
  readonly kube: PureKube;
  readonly at: EpochMs;
  readonly observed: EndpointsObserved;
  readonly memory: EndpointsMemory;
  readonly plan: Plan<EndpointsAction>;
  /** Content of the slices before the first write and after each write. */
  readonly snapshots: readonly (readonly (readonly [slice: string, endpoint: NodeEndpoint])[])[];
  readonly object: { readonly before: Published; readonly after: Published };
  readonly previous: Pass | undefined;
}

type Check = (pass: Pass) => readonly string[];

const endpointKey = ({ uid, address, port }: NodeEndpoint): string => `${uid} ${address}:${port}`;
const publishedIn = (endpoints: readonly NodeEndpoint[] = []): Published =>
  new Map(endpoints.map((each) => [endpointKey(each), each]));

const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((each) => b.has(each));

function takeSnapshot(kube: PureKube): Pass["snapshots"][number] {
  return [...kube.slices].flatMap(([name, { endpoints = [] }]) => endpoints.map((each) => [name, each] as const));
}

const slicesOf = (snapshot: Pass["snapshots"][number] = []): Published =>
  publishedIn(snapshot.map(([, endpoint]) => endpoint));
const all = (slices: Published, object: Published): Published => new Map([...slices, ...object]);
const addressesOf = (published: Published): ReadonlySet<string> =>
  new Set([...published.values()].map((each) => each.address));
const linesOf = (published: Published): ReadonlySet<string> =>
  new Set([...published].map(([key, { ready }]) => `${key} ${ready}`));
const isRefused = ({ plan }: Pass): boolean => ["refused", "waiting"].includes(plan.verdicts[0]?.state ?? "");

/** An endpoint that the pass retains is in the same slice after every write. */
const retainedEndpointsStay: Check = ({ snapshots }) => {
  const places = snapshots.map((snapshot) => new Set(snapshot.map(([name, each]) => `${name} ${endpointKey(each)}`)));
  const [before = new Set<string>()] = places;
  const remaining = slicesOf(snapshots.at(-1));
  const retained = [...before].filter((each) => remaining.has(each.slice(each.indexOf(" ") + 1)));
  return retained.filter((each) => !places.every((place) => place.has(each))).map((each) => `${each} disappears`);
};

const noWriteIsRedundant: Check = ({ plan, snapshots }) => {
  const names = plan.actions.flatMap((each) => {
    return each.kind === "apply-endpoint-slice"
      ? [each.slice.name]
      : each.kind === "delete-endpoint-slice"
        ? [each.name]
        : [];
  });
  const others = plan.actions.length - names.length;
  const errors = others > 1 || new Set(names).size < names.length ? ["an object is written twice"] : [];
  const unchanged = snapshots.flatMap((snapshot, index) => {
    const before = snapshots[index - 1];
    // Deletions are excluded: the deletion of an empty slice is needed, although it removes no address. So are claims.
    const action = plan.actions[index - 1];
    const name = action?.kind === "apply-endpoint-slice" && !action.claims ? action.slice.name : undefined;
    const contentOf = (slices: typeof snapshot): string =>
      slices
        .filter(([slice]) => slice === name)
        .map(([, each]) => JSON.stringify(each))
        .toSorted()
        .join();
    return before && name !== undefined && contentOf(before) === contentOf(snapshot)
      ? [`${name} is written without a difference`]
      : [];
  });
  return [...errors, ...unchanged];
};

const readinessIsSticky: Check = ({ snapshots, object }) => {
  const before = [...slicesOf(snapshots[0]).values(), ...object.before.values()];
  const after = [...slicesOf(snapshots.at(-1)).values(), ...object.after.values()];
  const notReady = new Set(after.filter(({ ready }) => !ready).map(({ uid, port }) => `${uid}:${port}`));
  return before
    .filter(({ uid, port, ready }) => ready && notReady.has(`${uid}:${port}`))
    .map(({ uid }) => `${uid} loses its readiness`);
};

/** Before anything else is written, the pass claims the Service with slice 0. */
const firstWriteClaims: Check = ({ plan: { actions } }) => {
  const claims = actions.map((each) => each.kind === "apply-endpoint-slice" && each.claims === true);
  const [first] = actions;
  const isFirst = first?.kind === "apply-endpoint-slice" && first.slice.name === SLICE_NAMES[0];
  return actions.length === 0 || (isFirst && claims.indexOf(true) === 0 && claims.lastIndexOf(true) === 0)
    ? []
    : ["the first write is no claim"];
};

const slicesAreValid: Check = ({ kube, plan }) => {
  const applied = plan.actions.flatMap((each) => (each.kind === "apply-endpoint-slice" ? [each.slice] : []));
  const invalid = applied.filter(({ name, port, endpoints }) => {
    return !SLICE_NAMES.includes(name) || endpoints.length > 100 || endpoints.some((each) => each.port !== port);
  });
  return [
    ...invalid.map(({ name }) => `${name} is not a valid slice`),
    ...(kube.slices.size > 65 ? ["too many slices"] : []),
  ];
};

const shrinkGuardHolds: Check = ({ snapshots, object, previous, at }) => {
  const before = addressesOf(all(slicesOf(snapshots[0]), object.before));
  const after = addressesOf(all(slicesOf(snapshots.at(-1)), object.after));
  const removed = [...before].filter((each) => !after.has(each)).length;
  const isConfirmed = previous?.plan.verdicts[0]?.reason === "shrinks" && at - previous.at >= MINUTE;
  return removed >= 2 && removed * 2 > before.size && !isConfirmed
    ? [`${removed} of ${before.size} addresses are removed at once`]
    : [];
};

const inputOrderIsIrrelevant: Check = ({ kube, observed, memory, plan }) => {
  const { nodes, slices, endpoints } = observed;
  const other = planEndpoints(
    CLUSTER_ID,
    kube.desired,
    {
      ...observed,
      nodes: nodes.toReversed(),
      slices: slices.toReversed().map((each) => ({ ...each, endpoints: each.endpoints?.toReversed() })),
      endpoints: endpoints && { ...endpoints, endpoints: endpoints.endpoints?.toReversed() },
    },
    memory,
  );
  const sorted = ({ actions, verdicts }: typeof plan): readonly string[] =>
    [...actions, ...verdicts].map((each) => JSON.stringify(each)).toSorted();
  return sorted(other).join() === sorted(plan).join() ? [] : ["the plan depends on the order of the input"];
};

/**
 * The verdict is in-sync exactly if the pass has nothing to do; then the published set is the permitted one. After a pass
 * that writes, the slices contain the permitted set.
 */
const publishedSetIsAllowed: Check = (pass) => {
  const { kube, plan, snapshots, object, observed } = pass;
  const isInSync = plan.verdicts[0]?.state === "in-sync";
  const isAtRest = plan.actions.length === 0 && !isRefused(pass);
  if (isInSync !== isAtRest) return ["the verdict in-sync and the absence of work differ"];
  const permitted = allowed(kube, observed);
  const slices = linesOf(slicesOf(snapshots.at(-1)));
  if (plan.actions.length > 0 && !isSame(slices, permitted)) return ["the slices differ from the permitted set"];
  if (!isAtRest) return [];
  const isObject =
    kube.desired.objects === "both" ? isSame(linesOf(object.after), permitted) : kube.endpoints === undefined;
  return isObject && isSame(slices, permitted) ? [] : ["the published set differs from the permitted set"];
};

/**
 * Returns an error if passes continue to write: after one for the shrink guard, one for the writes and, if only slices
 * are desired, one for the deletion of the Endpoints object, the plan must be at rest.
 */
function findUnrest(passes: readonly Pass[]): readonly string[] {
  const sets = passes.map(({ kube, observed }) => [...allowed(kube, observed)].toSorted().join());
  const alike = passes.slice(sets.findLastIndex((each) => each !== sets.at(-1)) + 1);
  const isBusy = ({ plan }: Pass): boolean => plan.actions.length > 0 || plan.verdicts[0]?.reason === "shrinks";
  const isDeleting = alike.some(({ plan }) => plan.actions.some(({ kind }) => kind === "delete-endpoints"));
  const within = isDeleting ? 3 : 2;
  return alike.slice(within).some(isBusy) ? ["the plan does not come to rest"] : [];
}

const noTargetIsDuplicated: Check = ({ snapshots }) => {
  const duplicates = snapshots.flatMap((snapshot) => {
    const targets = snapshot.map(([, { address, port }]) => `${address}:${port}`);
    return new Set(targets).size < targets.length ? targets.filter((each, at) => targets.indexOf(each) < at) : [];
  });
  return duplicates.slice(0, 1).map((each) => `${each} is published twice`);
};

const CHECKS = {
  retainedEndpointsStay,
  noWriteIsRedundant,
  firstWriteClaims,
  readinessIsSticky,
  slicesAreValid,
  shrinkGuardHolds,
  inputOrderIsIrrelevant,
  publishedSetIsAllowed,
};

function runPass(kube: PureKube, at: EpochMs, memory: EndpointsMemory, previous: Pass | undefined): Pass {
  const observed = kube.observe(at);
  const plan = planEndpoints(CLUSTER_ID, kube.desired, observed, memory);
  const before = publishedIn(kube.endpoints?.endpoints);
  const snapshots = [takeSnapshot(kube)];
  for (const action of plan.actions) {
    kube.perform(action);
    snapshots.push(takeSnapshot(kube));
  }
  const object = { before, after: publishedIn(kube.endpoints?.endpoints) };
  return { kube, at, observed, memory, plan, snapshots, object, previous };
}

/** Runs passes through a history; returns the errors of the first pass that has any. */
function runHistory({ family, size, events }: History, check: (pass: Pass) => readonly string[]): readonly string[] {
  let at = NOW;
  let memory = EMPTY_ENDPOINTS_MEMORY;
  let previous: Pass | undefined;
  const kube = new PureKube(family, size, at - MINUTE);
  for (const event of events) {
    at += event.isLater ? 11 * MINUTE : MINUTE;
    if (event.kind === "forget") memory = EMPTY_ENDPOINTS_MEMORY;
    else kube.change(event, at);
    const passes: Pass[] = [];
    do {
      const pass = runPass(kube, at, memory, previous);
      const errors = check(pass);
      if (errors.length > 0) return [...errors, `at ${event.kind}`];
      const outcomes = pass.plan.actions.map((action) => ({ action, at, status: "done" }) as const);
      memory = rememberEndpoints(memory, pass.plan, outcomes, at);
      previous = { ...pass, previous: undefined };
      passes.push(pass);
      kube.isHidden = false;
      at += MINUTE;
    } while (event.settles && passes.length < 6);
    const unrest = findUnrest(passes);
    if (unrest.length > 0) return [...unrest, `after ${event.kind}`];
  }
  return [];
}

const RUNS = { numRuns: 200, seed };

/** The least number of passes of the random histories in which each row must occur. */
const MIN_OCCURRENCES = 20;
const ROWS = [
  "cluster refused service-missing",
  "cluster refused service-selects",
  "cluster refused another-app",
  "cluster waiting paused",
  "cluster waiting shrinks",
  "cluster acting",
  "cluster in-sync",
  "node unpublished node-gone",
  "node excluded pool-off",
  "node unpublished no-address",
  "node unpublished duplicate-address",
  "node uncovered unexplained",
  "node uncovered unreadable",
  "node unpublished unreadable",
  "node published",
  "apply-endpoint-slice",
  "delete-endpoint-slice",
  "apply-endpoints",
  "delete-endpoints",
];

function rowOf({ subject, state, reason }: Verdict): string {
  return [subject.kind, state, reason].filter((each) => each !== undefined).join(" ");
}

test("random histories pass every check and reach every row of the truth tables", () => {
  const occurrences = new Map<string, number>();
  const checkAndCount = (pass: Pass): readonly string[] => {
    const { verdicts, actions } = pass.plan;
    const rows = new Set([...verdicts.map(rowOf), ...actions.map(({ kind }) => kind)]);
    for (const row of rows) occurrences.set(row, (occurrences.get(row) ?? 0) + 1);
    return Object.values(CHECKS).flatMap((check) => check(pass));
  };
  fc.assert(
    fc.property(histories, (history) => {
      expect(runHistory(history, checkAndCount)).toEqual([]);
    }),
    RUNS,
  );
  expect(ROWS.filter((row) => (occurrences.get(row) ?? 0) < MIN_OCCURRENCES)).toEqual([]);
});

test("in random histories no address and port is in two slices, not even between two writes", () => {
  fc.assert(
    fc.property(histories, (history) => {
      expect(runHistory(history, noTargetIsDuplicated)).toEqual([]);
    }),
    RUNS,
  );
});
