import { describe, expect, test } from "vitest";
import { parseNodeName } from "../../shared/model/ids.ts";
import type { EndpointsObserved } from "../../shared/model/observed.ts";
import type { NodeEndpoint } from "../../shared/model/slice.ts";
import * as nodes from "../build-nodes.ts";
import { CLUSTER_ID, forPools, HOUR, MINUTE, NOW, OTHER_OWNER } from "../build.ts";
import { describePlan, describeWrite, plan, type World } from "./planned.ts";

const { endpoint, endpointsObject, ids, exporterStatus, exporterStatuses, node, service, slice } = nodes;

const withNodes = (...running: readonly number[]): Pick<EndpointsObserved, "nodes"> => ({
  nodes: running.map((id) => node(id)),
});
const nothing = { slices: [], endpoints: undefined };
const onlySlices = { objects: "slices" } as const;
const foreign = endpointsObject([1, 2], { owner: undefined, isManaged: false, skipsMirroring: false });
const missing = { service: undefined };
const withSelector = { service: service({ hasSelector: true }) };
const paused = { service: service({ isPaused: true }) };
const otherOwner = { slices: [slice(0, [1, 2], { owner: OTHER_OWNER })] };
const heldBefore = { shrinkSince: NOW - MINUTE };

describe("the cluster's objects", () => {
  const rows: readonly (World & { readonly when: string; readonly expected: string })[] = [
    { when: "there is no Service", observed: { ...nothing, ...missing }, expected: "refused service-missing" },
    {
      when: "the Service has a selector",
      observed: { ...nothing, ...withSelector },
      expected: "refused service-selects",
    },
    { when: "slices have another owner", observed: otherOwner, expected: "refused another-app" },
    {
      when: "the Endpoints object has another owner",
      observed: { endpoints: endpointsObject([1], { owner: OTHER_OWNER }) },
      expected: "refused another-app",
    },
    { when: "the Service is paused", observed: { ...nothing, ...paused }, expected: "waiting paused" },
    { when: "most addresses would be removed", observed: { nodes: [] }, expected: "waiting shrinks" },
    { when: "there are no objects", observed: nothing, expected: "acting -> slice 0 -> object of 2" },
    { when: "both objects differ", observed: withNodes(1, 2, 3), expected: "acting -> slice 0 -> object of 3" },
    { when: "only the slice differs", observed: { slices: [slice(0, [1])] }, expected: "acting -> slice 0" },
    {
      when: "only the Endpoints object differs",
      observed: { endpoints: undefined },
      expected: "acting -> slice 0 -> object of 2",
    },
    { when: "all objects are as desired", expected: "in-sync" },
  ];
  test.each(rows)("lead to '$expected' if $when", ({ expected, ...world }) => {
    expect(describePlan(plan(world))).toBe(expected);
  });

  test.each([
    {
      when: "a selector and a pause",
      observed: { service: service({ hasSelector: true, isPaused: true }) },
      reason: "service-selects",
    },
    { when: "a selector and another owner", observed: { ...otherOwner, ...withSelector }, reason: "service-selects" },
    { when: "no Service and another owner", observed: { ...otherOwner, ...missing }, reason: "service-missing" },
    { when: "a pause and another owner", observed: { ...otherOwner, ...paused }, reason: "another-app" },
    { when: "a pause and most would be removed", observed: { ...paused, nodes: [] }, reason: "paused" },
    { when: "another owner and most would be removed", observed: { ...otherOwner, nodes: [] }, reason: "another-app" },
  ])("get the earlier row, $reason: $when", ({ observed, reason }) => {
    const { verdicts, actions } = plan({ observed });
    expect(verdicts[0]).toMatchObject({ reason, subject: { kind: "cluster", cluster: CLUSTER_ID } });
    expect(actions).toEqual([]);
  });

  test.each([
    { what: "a missing Service", observed: missing, says: /does not exist; apply the manifests again/ },
    { what: "a selector", observed: withSelector, says: /has a selector.*; remove the selector$/ },
    { what: "a pause", observed: paused, says: /annotation aks-windows-metrics\/paused .*; to resume, remove it$/ },
    {
      what: "another owner",
      observed: otherOwner,
      says: new RegExp(`belong to owner ${OTHER_OWNER}.* take its objects over or delete them$`),
    },
  ])("have a message that says what is wrong and what to do for $what", ({ observed, says }) => {
    expect(plan({ observed }).verdicts[0]?.message).toMatch(says);
  });

  test("are observed again after a minute", () => {
    expect(plan({}).requeueAt).toBe(NOW + MINUTE);
  });

  test("cause no write with 1,001 published nodes", () => {
    expect(describePlan(plan({}, ids(1, 1001)))).toBe("in-sync");
  });

  test("that belong to a deleted Service are applied for its successor", () => {
    const planned = plan({ observed: { service: service({ uid: "service-2" }) } });
    expect(describePlan(planned)).toBe("acting -> slice 0");
    expect(planned.actions).toMatchObject([{ slice: { serviceUid: "service-2" } }]);
  });

  test("without an owner label do not lead to a refusal", () => {
    const slices = [slice(0, [1, 2]), slice(9, [1], { owner: undefined })];
    expect(describePlan(plan({ observed: { slices } }))).toBe("in-sync");
  });
});

describe("without nodes", () => {
  test("the plan empties the subsets and slice 0, and deletes the other slices", () => {
    const { actions } = plan({ observed: { nodes: [] }, memory: heldBefore }, ids(1, 101));
    expect(actions.map(describeWrite)).toEqual(["slice 0", "no slice 1", "object of 0"]);
  });

  test("an empty Endpoints object is in sync, and a missing one is created", () => {
    expect(describePlan(plan({}, []))).toBe("in-sync");
    expect(describePlan(plan({ observed: { endpoints: undefined } }, []))).toBe("acting -> slice 0 -> object of 0");
  });
});

describe("SCRAPE_OBJECTS", () => {
  test.each<{ when: string; objects: "both" | "slices"; observed?: Partial<EndpointsObserved>; expected: string }>([
    {
      when: "is slices, and a slice is missing",
      objects: "slices",
      observed: { slices: [] },
      expected: "acting -> slice 0",
    },
    { when: "is slices, and they are in sync", objects: "slices", expected: "acting -> slice 0 -> no object" },
    {
      when: "is slices, without Endpoints",
      objects: "slices",
      observed: { endpoints: undefined },
      expected: "in-sync",
    },
    {
      when: "is slices, with foreign Endpoints",
      objects: "slices",
      observed: { endpoints: foreign },
      expected: "refused another-manager",
    },
    {
      when: "is slices, with foreign subsets",
      objects: "slices",
      observed: { endpoints: endpointsObject([1, 2], { isManaged: false }) },
      expected: "refused another-manager",
    },
    {
      when: "is both again",
      objects: "both",
      observed: { endpoints: undefined },
      expected: "acting -> slice 0 -> object of 2",
    },
    {
      when: "is both, with mirrored Endpoints",
      objects: "both",
      observed: { endpoints: foreign, slices: [] },
      expected: "acting -> slice 0 -> object of 2",
    },
  ])("$when: $expected", ({ objects, observed = {}, expected }) => {
    expect(describePlan(plan({ desired: { objects }, observed }))).toBe(expected);
  });

  test("names a foreign Endpoints object", () => {
    const planned = plan({ desired: onlySlices, observed: { endpoints: foreign } });
    expect(planned.verdicts[0]).toMatchObject({
      message: expect.stringMatching(
        /^the Endpoints object monitoring\/windows-exporter is not this app's.*delete it$/,
      ),
      names: { object: "windows-exporter" },
    });
  });

  test("deletes the Endpoints object at the resourceVersion that was read", () => {
    const { actions } = plan({ desired: onlySlices });
    expect(actions.slice(1)).toEqual([{ kind: "delete-endpoints", resourceVersion: "object" }]);
  });
});

const ready = (endpoints: readonly NodeEndpoint[] | undefined): readonly boolean[] | undefined =>
  endpoints?.map((each) => each.ready);

const objectOf = (world: World): readonly NodeEndpoint[] | undefined =>
  plan(world).actions.flatMap((each) => (each.kind === "apply-endpoints" ? [each.endpoints.endpoints] : []))[0];

describe("readiness", () => {
  test.each([
    { when: "only the slice is ready", observed: { endpoints: undefined }, expected: [true, true] },
    {
      when: "only the Endpoints object is ready",
      observed: { slices: [], endpoints: endpointsObject([1, 2], { owner: undefined }) },
      expected: [true, true],
    },
    {
      when: "one of both is ready",
      observed: { endpoints: endpointsObject([], { endpoints: [endpoint(1, { ready: false })] }) },
      expected: [true, true],
    },
    { when: "there is no object", observed: { ...nothing }, expected: [false, false] },
    {
      when: "the node's predecessor was ready",
      observed: { nodes: [node(1, { uid: "new" }), node(2)], endpoints: undefined },
      expected: [false, true],
    },
  ])("without the extension flow's memory is $expected if $when", ({ observed, expected }) => {
    expect(ready(objectOf({ observed: { ...observed, exporters: undefined } }))).toEqual(expected);
  });

  test("changes to ready with the proof", () => {
    const slices = [slice(0, [], { endpoints: [endpoint(1, { ready: false }), endpoint(2)] })];
    expect(describePlan(plan({ observed: { slices } }))).toBe("acting -> slice 0");
  });

  test.each([
    {
      when: "the extension failed",
      observed: { exporters: exporterStatuses([exporterStatus(1, { succeededAt: undefined }), exporterStatus(2)]) },
    },
    { when: "no scale set contains the node", observed: { exporters: exporterStatuses([exporterStatus(2)]) } },
    { when: "the extension flow's memory is lost", observed: { exporters: undefined } },
  ])("remains if $when", ({ observed }) => {
    expect(describePlan(plan({ observed }))).toBe("in-sync");
  });
});

const describeVerdicts = (world: World): readonly unknown[] =>
  plan(world).verdicts.map(({ subject, state, reason }) =>
    [subject.kind === "node" ? subject.node : subject.kind, state, reason].filter(Boolean).join(" "),
  );

describe("verdicts", () => {
  test("contain one for each node, by name", () => {
    const running = [node(3, { isDeleting: true }), node(2), node(1, { internalIps: [] }), node(4)];
    const observed = { nodes: running, exporters: exporterStatuses([exporterStatus(1), exporterStatus(2)]) };
    const [one, two, three, four] = [1, 2, 3, 4].map((id) => nodes.nodeName(id));
    expect(describeVerdicts({ observed, desired: { shrinkGuard: 1 } })).toEqual([
      "cluster acting",
      `${one} unpublished no-address`,
      `${two} published`,
      `${three} unpublished node-gone`,
      `${four} uncovered unexplained`,
    ]);
  });

  test("take a node's name as it is, even if every JavaScript object has a property of that name", () => {
    const observed = { nodes: [node(1, { name: parseNodeName("constructor") })], exporters: exporterStatuses([]) };
    const verdicts = describeVerdicts({ observed, desired: { shrinkGuard: 1 } });
    expect(verdicts).toEqual(["cluster acting", "constructor uncovered unexplained"]);
  });

  test("contain the nodes even if the plan is refused", () => {
    expect(describeVerdicts({ observed: missing })).toContain(`${nodes.nodeName(1)} published`);
  });

  test("contain the published address and its readiness", () => {
    const observed = { nodes: [node(1), node(2, { uid: "new", createdAt: NOW })] };
    const messages = plan({ observed, desired: forPools({ sources: { win1: "managed" } }) }).verdicts.map(
      (each) => each.message,
    );
    expect(messages.slice(1)).toEqual([
      "10.0.0.1:9182, ready",
      "10.0.0.2:9182, not ready: its exporter is not proven yet",
    ]);
  });

  test("contain the time since when they hold", () => {
    const since = { [`${nodes.nodeName(1)} published `]: NOW - HOUR };
    const sinces = plan({ memory: { since } }).verdicts.map((each) => each.since);
    expect(sinces).toEqual([NOW, NOW - HOUR, NOW]);
  });

  test("contain orphaned slices, with their names", () => {
    const slices = [slice(0, [1, 2]), slice(3, [], { name: "windows-exporter-x7k2p" })];
    const { verdicts, actions } = plan({ observed: { slices } });
    expect(actions).toEqual([]);
    expect(verdicts[1]).toMatchObject({
      subject: { kind: "cluster" },
      state: "orphaned",
      message: expect.stringMatching(/the EndpointSlice monitoring\/windows-exporter-x7k2p but no longer updates it/),
      names: { object: "windows-exporter-x7k2p" },
    });
  });

  const conflicts = [
    { object: "windows-exporter", managers: ["argocd", "kubectl"] },
    { object: "windows-exporter-3", managers: ["kubectl-patch"] },
  ];

  test("contain the objects of which other field managers own fields, with every manager", () => {
    const [, first, second] = plan({ memory: { conflicts } }).verdicts;
    const verdict = { subject: { kind: "cluster" }, state: "refused", reason: "another-manager" };
    expect(first).toMatchObject({ ...verdict, names: conflicts[0] });
    expect(first?.message).toMatch(
      /^fields of the Endpoints object monitoring\/windows-exporter .* argocd, kubectl, so/,
    );
    expect(second).toMatchObject({ ...verdict, names: conflicts[1] });
    expect(second?.message).toMatch(/^fields of the EndpointSlice monitoring\/windows-exporter-3 /);
  });

  test("contain no such object if the objects are another owner's", () => {
    const { verdicts } = plan({ observed: otherOwner, memory: { conflicts } });
    expect(verdicts.map(({ reason }) => reason)).not.toContain("another-manager");
  });

  test("contain a refusal if not all addresses fit, while the others are published", () => {
    const planned = plan({ observed: { ...withNodes(...ids(1, 6402)), ...nothing } });
    expect(planned.verdicts[0]).toMatchObject({
      state: "refused",
      reason: "too-many",
      message: expect.stringMatching(/^2 /),
    });
    expect(planned.actions).toHaveLength(65);
  });
});
