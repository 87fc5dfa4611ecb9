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

/** One pass: what was published, between its writes too, and what was planned. */
interface Pass {
  readonly kube: PureKube;
  readonly at: EpochMs;
  readonly observed: EndpointsObserved;
  readonly memory: EndpointsMemory;
  readonly plan: Plan<EndpointsAction>;
  /** Of the slices, before the first write and after each. */
  readonly moments: readonly (readonly (readonly [slice: string, endpoint: NodeEndpoint])[])[];
  readonly object: { readonly before: Published; readonly after: Published };
  readonly previous: Pass | undefined;
}

type Check = (pass: Pass) => readonly string[];

const keyOf = ({ uid, address, port }: NodeEndpoint): string => `${uid} ${address}:${port}`;
const publishedIn = (endpoints: readonly NodeEndpoint[] = []): Published =>
  new Map(endpoints.map((each) => [keyOf(each), each]));

const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((each) => b.has(each));

function momentOf(kube: PureKube): Pass["moments"][number] {
  return [...kube.slices].flatMap(([name, { endpoints = [] }]) => endpoints.map((each) => [name, each] as const));
}

const slicesOf = (moment: Pass["moments"][number] = []): Published =>
  publishedIn(moment.map(([, endpoint]) => endpoint));
const all = (slices: Published, object: Published): Published => new Map([...slices, ...object]);
const addressesOf = (published: Published): ReadonlySet<string> =>
  new Set([...published.values()].map((each) => each.address));
const linesOf = (published: Published): ReadonlySet<string> =>
  new Set([...published].map(([key, { ready }]) => `${key} ${ready}`));
const isRefused = ({ plan }: Pass): boolean => ["refused", "waiting"].includes(plan.verdicts[0]?.state ?? "");

/** Design: "stable first-fit packing": what stays, stays where it is, and is there after every write. */
const nothingVanishes: Check = ({ moments }) => {
  const places = moments.map((moment) => new Set(moment.map(([name, each]) => `${name} ${keyOf(each)}`)));
  const [before = new Set<string>()] = places;
  const remaining = slicesOf(moments.at(-1));
  const staying = [...before].filter((each) => remaining.has(each.slice(each.indexOf(" ") + 1)));
  return staying.filter((each) => !places.every((place) => place.has(each))).map((each) => `${each} vanishes`);
};

const writesAreFew: Check = ({ plan, moments }) => {
  const names = plan.actions.flatMap((each) => {
    return each.kind === "apply-endpoint-slice"
      ? [each.slice.name]
      : each.kind === "delete-endpoint-slice"
        ? [each.name]
        : [];
  });
  const others = plan.actions.length - names.length;
  const wrong = others > 1 || new Set(names).size < names.length ? ["an object is written twice"] : [];
  const unchanged = moments.flatMap((moment, index) => {
    const before = moments[index - 1];
    // A slice that somebody emptied is deleted for a reason, though no address goes with it.
    const name = plan.actions[index - 1]?.kind === "apply-endpoint-slice" ? names[index - 1] : undefined;
    const of = (when: typeof moment): string =>
      when
        .filter(([slice]) => slice === name)
        .map(([, each]) => JSON.stringify(each))
        .toSorted()
        .join();
    return before && name !== undefined && of(before) === of(moment) ? [`${name} is written for nothing`] : [];
  });
  return [...wrong, ...unchanged];
};

const readinessStays: Check = ({ moments, object }) => {
  const before = [...slicesOf(moments[0]).values(), ...object.before.values()];
  const after = [...slicesOf(moments.at(-1)).values(), ...object.after.values()];
  const fallen = new Set(after.filter(({ ready }) => !ready).map(({ uid, port }) => `${uid}:${port}`));
  return before
    .filter(({ uid, port, ready }) => ready && fallen.has(`${uid}:${port}`))
    .map(({ uid }) => `${uid} falls`);
};

const slicesAreSmall: Check = ({ kube, plan }) => {
  const applied = plan.actions.flatMap((each) => (each.kind === "apply-endpoint-slice" ? [each.slice] : []));
  const wrong = applied.filter(({ name, port, endpoints }) => {
    return !SLICE_NAMES.includes(name) || endpoints.length > 100 || endpoints.some((each) => each.port !== port);
  });
  return [
    ...wrong.map(({ name }) => `${name} is no slice of ours`),
    ...(kube.slices.size > 65 ? ["too many slices"] : []),
  ];
};

const guardHolds: Check = ({ moments, object, previous, at }) => {
  const before = addressesOf(all(slicesOf(moments[0]), object.before));
  const after = addressesOf(all(slicesOf(moments.at(-1)), object.after));
  const gone = [...before].filter((each) => !after.has(each)).length;
  const isTold = previous?.plan.verdicts[0]?.reason === "shrinks" && at - previous.at >= MINUTE;
  return gone >= 2 && gone * 2 > before.size && !isTold ? [`${gone} of ${before.size} go at once`] : [];
};

const orderIsNothing: Check = ({ kube, observed, memory, plan }) => {
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
  return sorted(other).join() === sorted(plan).join() ? [] : ["another order, another plan"];
};

/** Only a pass that has nothing left to do says in-sync, and then it is so; before that nothing else is added. */
const setIsAllowed: Check = (pass) => {
  const { kube, plan, moments, object, observed } = pass;
  const isInSync = plan.verdicts[0]?.state === "in-sync";
  const isAtRest = plan.actions.length === 0 && !isRefused(pass);
  if (isInSync !== isAtRest) return ["in-sync is said too early or too late"];
  const should = allowed(kube, observed);
  const slices = linesOf(slicesOf(moments.at(-1)));
  if (plan.actions.length > 0 && !isSame(slices, should)) return ["slices are not what is allowed"];
  if (!isAtRest) return [];
  const isObject =
    kube.desired.objects === "both" ? isSame(linesOf(object.after), should) : kube.endpoints === undefined;
  return isObject && isSame(slices, should) ? [] : ["published is not what is allowed"];
};

/** The guard's wait, then the writes; where only slices are written, the deletion of the other object comes after them. */
function restIsNear(passes: readonly Pass[]): readonly string[] {
  const sets = passes.map(({ kube, observed }) => [...allowed(kube, observed)].toSorted().join());
  const alike = passes.slice(sets.findLastIndex((each) => each !== sets.at(-1)) + 1);
  const isBusy = ({ plan }: Pass): boolean => plan.actions.length > 0 || plan.verdicts[0]?.reason === "shrinks";
  const isDeleting = alike.some(({ plan }) => plan.actions.some(({ kind }) => kind === "delete-endpoints"));
  const within = isDeleting ? 3 : 2;
  return alike.slice(within).some(isBusy) ? ["it does not come to rest"] : [];
}

const nothingIsDoubled: Check = ({ moments }) => {
  const doubled = moments.flatMap((moment) => {
    const targets = moment.map(([, { address, port }]) => `${address}:${port}`);
    return new Set(targets).size < targets.length ? targets.filter((each, at) => targets.indexOf(each) < at) : [];
  });
  return doubled.slice(0, 1).map((each) => `${each} is published twice`);
};

const CHECKS = {
  nothingVanishes,
  writesAreFew,
  readinessStays,
  slicesAreSmall,
  guardHolds,
  orderIsNothing,
  setIsAllowed,
};

function runPass(kube: PureKube, at: EpochMs, memory: EndpointsMemory, previous: Pass | undefined): Pass {
  const observed = kube.observe(at);
  const plan = planEndpoints(CLUSTER_ID, kube.desired, observed, memory);
  const before = publishedIn(kube.endpoints?.endpoints);
  const moments = [momentOf(kube)];
  for (const action of plan.actions) {
    kube.perform(action);
    moments.push(momentOf(kube));
  }
  const object = { before, after: publishedIn(kube.endpoints?.endpoints) };
  return { kube, at, observed, memory, plan, moments, object, previous };
}

/** Lives through a history, and says what went wrong in it. */
function live({ family, size, events }: History, tell: (pass: Pass) => readonly string[]): readonly string[] {
  let at = NOW;
  let memory = EMPTY_ENDPOINTS_MEMORY;
  let previous: Pass | undefined;
  const kube = new PureKube(family, size, at - MINUTE);
  for (const event of events) {
    at += event.isLater ? 11 * MINUTE : MINUTE;
    if (event.kind === "forget") memory = EMPTY_ENDPOINTS_MEMORY;
    else kube.happen(event, at);
    const passes: Pass[] = [];
    do {
      const pass = runPass(kube, at, memory, previous);
      const wrong = tell(pass);
      if (wrong.length > 0) return [...wrong, `at ${event.kind}`];
      const outcomes = pass.plan.actions.map((action) => ({ action, at, status: "done" }) as const);
      memory = rememberEndpoints(memory, pass.plan, outcomes, at);
      previous = { ...pass, previous: undefined };
      passes.push(pass);
      kube.isHidden = false;
      at += MINUTE;
    } while (event.settles && passes.length < 6);
    const late = restIsNear(passes);
    if (late.length > 0) return [...late, `after ${event.kind}`];
  }
  return [];
}

const RUNS = { numRuns: 200, seed };

/** In how many passes of the random histories each has to be. */
const FLOOR = 20;
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
  "node published",
  "apply-endpoint-slice",
  "delete-endpoint-slice",
  "apply-endpoints",
  "delete-endpoints",
];

function rowOf({ subject, state, reason }: Verdict): string {
  return [subject.kind, state, reason].filter((each) => each !== undefined).join(" ");
}

test("random histories end with what is allowed, by few writes, and without harm in between, and reach every row", () => {
  const reached = new Map<string, number>();
  const tell = (pass: Pass): readonly string[] => {
    const { verdicts, actions } = pass.plan;
    const rows = new Set([...verdicts.map(rowOf), ...actions.map(({ kind }) => kind)]);
    for (const row of rows) reached.set(row, (reached.get(row) ?? 0) + 1);
    return Object.values(CHECKS).flatMap((check) => check(pass));
  };
  fc.assert(
    fc.property(histories, (history) => {
      expect(live(history, tell)).toEqual([]);
    }),
    RUNS,
  );
  expect(ROWS.filter((row) => (reached.get(row) ?? 0) < FLOOR)).toEqual([]);
});

// the design: "removing before adding".
test("no address and port is in two slices between two writes", () => {
  fc.assert(
    fc.property(histories, (history) => {
      expect(live(history, nothingIsDoubled)).toEqual([]);
    }),
    RUNS,
  );
});
