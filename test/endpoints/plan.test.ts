import { describe, expect, test } from "vitest";
import type { EndpointsObserved } from "../../shared/model/observed.ts";
import type { NodeEndpoint } from "../../shared/model/slice.ts";
import * as nodes from "../build-nodes.ts";
import { CLUSTER_ID, forPools, HOUR, MINUTE, NOW, OTHER_OWNER } from "../build.ts";
import { plan, words, type World, write } from "./planned.ts";

const { endpoint, endpointsObject, ids, install, exporters, node, service, slice } = nodes;

const runs = (...running: readonly number[]): Pick<EndpointsObserved, "nodes"> => ({
  nodes: running.map((id) => node(id)),
});
const none = { slices: [], endpoints: undefined };
const onlySlices = { objects: "slices" } as const;
const foreign = endpointsObject([1, 2], { owner: undefined, isManaged: false, skipsMirroring: false });
const missing = { service: undefined };
const selecting = { service: service({ hasSelector: true }) };
const paused = { service: service({ isPaused: true }) };
const others = { slices: [slice(0, [1, 2], { owner: OTHER_OWNER })] };
const seenBefore = { shrinkSince: NOW - MINUTE };

describe("the cluster's objects", () => {
  const rows: readonly (World & { readonly when: string; readonly plan: string })[] = [
    { when: "no Service", observed: { ...none, ...missing }, plan: "refused service-missing" },
    { when: "the Service selects", observed: { ...none, ...selecting }, plan: "refused service-selects" },
    { when: "another app's slices", observed: others, plan: "refused another-app" },
    {
      when: "another app's Endpoints",
      observed: { endpoints: endpointsObject([1], { owner: OTHER_OWNER }) },
      plan: "refused another-app",
    },
    { when: "the Service is paused", observed: { ...none, ...paused }, plan: "waiting paused" },
    { when: "most would go", observed: { nodes: [] }, plan: "waiting shrinks" },
    { when: "nothing is there yet", observed: none, plan: "acting -> slice 0 -> object of 2" },
    { when: "the objects differ", observed: runs(1, 2, 3), plan: "acting -> slice 0 -> object of 3" },
    { when: "only the slice differs", observed: { slices: [slice(0, [1])] }, plan: "acting -> slice 0" },
    { when: "only the Endpoints differ", observed: { endpoints: undefined }, plan: "acting -> object of 2" },
    { when: "all is as wanted", plan: "in-sync" },
  ];
  test.each(rows)("$when: $plan", ({ plan: expected, ...world }) => {
    expect(words(plan(world))).toBe(expected);
  });

  test.each([
    {
      when: "selects and is paused",
      observed: { service: service({ hasSelector: true, isPaused: true }) },
      reason: "service-selects",
    },
    { when: "selects, and another app", observed: { ...others, ...selecting }, reason: "service-selects" },
    { when: "missing, and another app", observed: { ...others, ...missing }, reason: "service-missing" },
    { when: "paused, and another app", observed: { ...others, ...paused }, reason: "another-app" },
    { when: "paused, and most would go", observed: { ...paused, nodes: [] }, reason: "paused" },
    { when: "another app, and most would go", observed: { ...others, nodes: [] }, reason: "another-app" },
  ])("take the earlier row: $when: $because", ({ observed, reason }) => {
    const { verdicts, actions } = plan({ observed });
    expect(verdicts[0]).toMatchObject({ reason, subject: { kind: "cluster", cluster: CLUSTER_ID } });
    expect(actions).toEqual([]);
  });

  test.each([
    { what: "a missing Service", observed: missing, command: /kubectl apply -k infra\/kubernetes\/base/ },
    {
      what: "a selector",
      observed: selecting,
      command: /kubectl -n monitoring patch service windows-exporter .*spec\/selector/,
    },
    { what: "a pause", observed: paused, command: /annotate service windows-exporter aks-windows-metrics\/paused-$/ },
    {
      what: "another app",
      observed: others,
      command: new RegExp(`delete endpointslices,endpoints -l aks-windows-metrics/app=${OTHER_OWNER}$`),
    },
  ])("come with the way out of $what", ({ observed, command }) => {
    expect(plan({ observed }).verdicts[0]?.message).toMatch(command);
  });

  test("are looked at again in a minute", () => {
    expect(plan({}).requeueAt).toBe(NOW + MINUTE);
  });

  test("cost nothing at 1,001 nodes that are published", () => {
    expect(words(plan({}, ids(1, 1001)))).toBe("in-sync");
  });

  test("that belong to a Service that was made again are written for the new one", () => {
    const made = plan({ observed: { service: service({ uid: "service-2" }) } });
    expect(words(made)).toBe("acting -> slice 0");
    expect(made.actions).toMatchObject([{ slice: { serviceUid: "service-2" } }]);
  });

  test("of another Service of ours by manager alone are nobody's, and refuse nothing", () => {
    const slices = [slice(0, [1, 2]), slice(9, [1], { owner: undefined })];
    expect(words(plan({ observed: { slices } }))).toBe("in-sync");
  });
});

describe("without nodes", () => {
  test("the subsets are emptied and the slices deleted", () => {
    const { actions } = plan({ observed: { nodes: [] }, memory: seenBefore }, ids(1, 101));
    expect(actions.map(write)).toEqual(["no slice 0", "no slice 1", "object of 0"]);
  });

  test("nothing is left to do then", () => {
    expect(words(plan({}, []))).toBe("in-sync");
    expect(words(plan({ observed: { endpoints: undefined } }, []))).toBe("acting -> object of 0");
  });
});

describe("SCRAPE_OBJECTS", () => {
  test.each<{ when: string; objects: "both" | "slices"; observed?: Partial<EndpointsObserved>; words: string }>([
    { when: "slices that do not stand yet", objects: "slices", observed: { slices: [] }, words: "acting -> slice 0" },
    { when: "slices that stand, and ours", objects: "slices", words: "acting -> no object" },
    { when: "slices alone", objects: "slices", observed: { endpoints: undefined }, words: "in-sync" },
    {
      when: "slices, and another's",
      objects: "slices",
      observed: { endpoints: foreign },
      words: "refused another-manager",
    },
    {
      when: "slices, and another's under our label",
      objects: "slices",
      observed: { endpoints: endpointsObject([1, 2], { isManaged: false }) },
      words: "refused another-manager",
    },
    { when: "both again", objects: "both", observed: { endpoints: undefined }, words: "acting -> object of 2" },
    {
      when: "both, mirrored until now",
      objects: "both",
      observed: { endpoints: foreign, slices: [] },
      words: "acting -> slice 0 -> object of 2",
    },
  ])("$when: $words", ({ objects, observed = {}, words: expected }) => {
    expect(words(plan({ desired: { objects }, observed }))).toBe(expected);
  });

  test("tells how to delete another's Endpoints", () => {
    const refused = plan({ desired: onlySlices, observed: { endpoints: foreign } });
    expect(refused.verdicts[0]?.message).toMatch(/kubectl -n monitoring delete endpoints windows-exporter/);
  });

  test("deletes the object at the version that was read", () => {
    expect(plan({ desired: onlySlices }).actions).toEqual([{ kind: "delete-endpoints", resourceVersion: "object" }]);
  });
});

const ready = (endpoints: readonly NodeEndpoint[] | undefined): readonly boolean[] | undefined =>
  endpoints?.map((each) => each.ready);

const objectOf = (world: World): readonly NodeEndpoint[] | undefined =>
  plan(world).actions.flatMap((each) => (each.kind === "apply-endpoints" ? [each.endpoints.endpoints] : []))[0];

describe("readiness", () => {
  test.each([
    { when: "the slice alone says so", observed: { endpoints: undefined }, is: [true, true] },
    {
      when: "the object alone says so",
      observed: { slices: [], endpoints: endpointsObject([1, 2], { owner: undefined }) },
      is: [true, true],
    },
    {
      when: "one of both says so",
      observed: { endpoints: endpointsObject([], { endpoints: [endpoint(1, { ready: false })] }) },
      is: [true, true],
    },
    { when: "nothing says so", observed: { ...none }, is: [false, false] },
    {
      when: "a machine before it was ready",
      observed: { nodes: [node(1, { uid: "new" }), node(2)], endpoints: undefined },
      is: [false, true],
    },
  ])("of lost installs, when $when", ({ observed, is }) => {
    expect(ready(objectOf({ observed: { ...observed, exporters: undefined } }))).toEqual(is);
  });

  test("comes with the proof", () => {
    const slices = [slice(0, [], { endpoints: [endpoint(1, { ready: false }), endpoint(2)] })];
    expect(words(plan({ observed: { slices } }))).toBe("acting -> slice 0");
  });

  test.each([
    {
      when: "the extension failed",
      observed: { exporters: exporters([install(1, { succeededAt: undefined }), install(2)]) },
    },
    { when: "the machine is in no list", observed: { exporters: exporters([install(2)]) } },
    { when: "the installs are lost", observed: { exporters: undefined } },
  ])("stays when $when", ({ observed }) => {
    expect(words(plan({ observed }))).toBe("in-sync");
  });
});

const told = (world: World): readonly unknown[] =>
  plan(world).verdicts.map(({ subject, state, reason }) =>
    [subject.kind === "node" ? subject.node : subject.kind, state, reason].filter(Boolean).join(" "),
  );

describe("verdicts", () => {
  test("tell of each node by its name", () => {
    const running = [node(3, { isDeleting: true }), node(2), node(1, { internalIps: [] }), node(4)];
    const observed = { nodes: running, exporters: exporters([install(1), install(2)]) };
    const [one, two, three, four] = [1, 2, 3, 4].map((id) => nodes.nodeName(id));
    expect(told({ observed, desired: { shrinkGuard: 1 } })).toEqual([
      "cluster acting",
      `${one} unpublished no-address`,
      `${two} published`,
      `${three} unpublished node-gone`,
      `${four} uncovered unexplained`,
    ]);
  });

  test("tell of nodes though nothing is written", () => {
    expect(told({ observed: missing })).toContain(`${nodes.nodeName(1)} published`);
  });

  test("tell what is published of a node", () => {
    const observed = { nodes: [node(1), node(2, { uid: "new", createdAt: NOW })] };
    const details = plan({ observed, desired: forPools({ sources: { win1: "managed" } }) }).verdicts.map(
      (each) => each.message,
    );
    expect(details.slice(1)).toEqual([
      "10.0.0.1:9182, ready",
      "10.0.0.2:9182, not ready: its exporter is not proven yet",
    ]);
  });

  test("tell since when", () => {
    const since = { [`${nodes.nodeName(1)} published `]: NOW - HOUR };
    const sinces = plan({ memory: { since } }).verdicts.map((each) => each.since);
    expect(sinces).toEqual([NOW, NOW - HOUR, NOW]);
  });

  test("report orphaned slices, with the command that removes them", () => {
    const slices = [slice(0, [1, 2]), slice(3, [], { name: "windows-exporter-x7k2p" })];
    const { verdicts, actions } = plan({ observed: { slices } });
    expect(actions).toEqual([]);
    expect(verdicts[1]).toMatchObject({
      subject: { kind: "cluster" },
      state: "orphaned",
      message: expect.stringMatching(/kubectl -n monitoring delete endpointslice windows-exporter-x7k2p/),
    });
  });

  test("name another manager whom our last apply met", () => {
    expect(plan({ memory: { conflict: "conflict with kubectl" } }).verdicts[1]).toMatchObject({
      subject: { kind: "cluster" },
      state: "refused",
      reason: "another-manager",
      message: "conflict with kubectl",
    });
  });

  test("refuse what finds no room, and publish the rest", () => {
    const many = plan({ observed: { ...runs(...ids(1, 6402)), ...none } });
    expect(many.verdicts[0]).toMatchObject({
      state: "refused",
      reason: "too-many",
      message: expect.stringMatching(/^2 /),
    });
    expect(many.actions).toHaveLength(65);
  });
});
