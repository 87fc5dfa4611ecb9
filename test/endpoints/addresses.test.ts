import { describe, expect, test } from "vitest";
import {
  chooseAddresses,
  type LiveReadiness,
  type NodeVerdict,
  readinessKey,
} from "../../shared/endpoints/addresses.ts";
import type { EndpointsDesired } from "../../shared/endpoints/desired.ts";
import { parseNodeName } from "../../shared/model/ids.ts";
import type { ExporterStatus, WindowsNode } from "../../shared/model/node.ts";
import type { AddressFamily } from "../../shared/model/slice.ts";
import { desiredEndpoints, exporterStatus, exporterStatuses, ids, node, publishedWorld } from "../build-nodes.ts";
import { DAY, forPools, HOUR, MINUTE, NOW } from "../build.ts";

interface Case {
  readonly when: string;
  /** Overrides of node 1, which the verdict is about. By default its exporter is proven and its instance runs. */
  readonly node?: Partial<WindowsNode>;
  readonly others?: readonly WindowsNode[];
  /** Overrides of node 1's exporter status; `null` if it has none. */
  readonly status?: Partial<ExporterStatus> | null;
  readonly listedAt?: number;
  /** Whether the extension flow's memory is missing. */
  readonly isMemoryLost?: boolean;
  readonly desired?: Partial<EndpointsDesired>;
  readonly family?: AddressFamily;
  readonly live?: LiveReadiness;
  readonly verdict: string;
}

function classifyAll(world: Omit<Case, "when" | "verdict">): readonly NodeVerdict[] {
  const others = world.others ?? [];
  const listed = [
    ...ids(2, 9).map((id) => exporterStatus(id)),
    ...(world.status === null ? [] : [exporterStatus(1, world.status)]),
  ];
  const statuses = world.isMemoryLost ? undefined : exporterStatuses(listed, world.listedAt);
  const observed = publishedWorld([], { nodes: [...others, node(1, world.node)], exporters: statuses });
  return chooseAddresses(desiredEndpoints(world.desired), observed, world.family ?? "IPv4", world.live ?? new Map());
}

function describeVerdict({ state, reason, endpoint }: NodeVerdict): string {
  const published = endpoint && `${endpoint.address}:${endpoint.port}${endpoint.ready ? "" : " not-ready"}`;
  return [state, reason, published].filter((each) => each !== undefined).join(" ");
}

function classify(world: Omit<Case, "when" | "verdict">): string | undefined {
  return classifyAll(world)
    .filter(({ node: { uid } }) => uid === "uid-1")
    .map(describeVerdict)[0];
}

const messages = (world: Omit<Case, "when" | "verdict">): readonly (string | undefined)[] =>
  classifyAll(world).map((each) => each.message);

const PUBLISHED = "published 10.0.0.1:9182";
const silent = { ready: "Unknown", readySince: NOW - 10 * MINUTE } as const;
const stopped = { isRunning: false };
const well = [node(2), node(3)];
const sameAddress = { internalIps: ["10.0.0.1"] };

const readiness = (uid: string, port: number, ready: boolean): LiveReadiness =>
  new Map([[readinessKey(uid, port), ready]]);
const ROWS: readonly Case[] = [
  { when: "its exporter is proven", verdict: PUBLISHED },
  { when: "it is being deleted", node: { isDeleting: true }, verdict: "unpublished node-gone" },
  { when: "its pool is not in POOLS", desired: forPools({ pools: ["win2"] }), verdict: "excluded pool-off" },
  { when: "its pool is in POOLS", desired: forPools({ pools: ["win1"] }), verdict: PUBLISHED },
  { when: "its source is off", desired: forPools({ sources: { win1: "off" } }), verdict: "excluded pool-off" },
  { when: "another pool's source is off", desired: forPools({ sources: { win2: "off" } }), verdict: PUBLISHED },
  {
    when: "AKS installs its exporter",
    desired: forPools({ sources: { win1: "native" } }),
    verdict: "published 10.0.0.1:19182",
  },
  {
    when: "another tool installs its exporter",
    desired: forPools({ sources: { win1: "external" } }),
    verdict: PUBLISHED,
  },
  {
    when: "it is silent and deallocated",
    node: silent,
    others: well,
    status: stopped,
    verdict: "unpublished node-gone",
  },
  {
    when: "it is silent and in no scale set",
    node: silent,
    others: well,
    status: null,
    verdict: "unpublished node-gone",
  },
  { when: "it has no InternalIP", node: { internalIps: [] }, verdict: "unpublished no-address" },
  { when: "it has no InternalIP of the family", node: { internalIps: ["fd00::1"] }, verdict: "unpublished no-address" },
  {
    when: "a newer node has its address, in another form",
    others: [node(2, { internalIps: ["10.00.0.01"], createdAt: NOW })],
    verdict: "unpublished duplicate-address",
  },
  { when: "no scale set contains it", status: null, verdict: "uncovered unexplained 10.0.0.1:9182 not-ready" },
];

describe("a node", () => {
  test.each(ROWS)("is '$verdict' if $when", ({ verdict, ...world }) => {
    expect(classify(world)).toBe(verdict);
  });

  test.each<Case>([
    {
      when: "it is being deleted and its pool is off",
      node: { isDeleting: true },
      desired: forPools({ sources: { win1: "off" } }),
      verdict: "unpublished node-gone",
    },
    {
      when: "its machine is gone and its pool is off",
      node: silent,
      others: well,
      status: stopped,
      desired: forPools({ sources: { win1: "off" } }),
      verdict: "excluded pool-off",
    },
    {
      when: "its machine is gone and has no address",
      node: { ...silent, internalIps: [] },
      others: well,
      status: stopped,
      verdict: "unpublished node-gone",
    },
    {
      when: "in no scale set, and its address is used",
      others: [node(2, { ...sameAddress, createdAt: NOW })],
      status: null,
      verdict: "unpublished duplicate-address",
    },
  ])("is '$verdict', by the earlier row, if $when", ({ verdict, ...world }) => {
    expect(classify(world)).toBe(verdict);
  });

  test("that is not published has a message with the cause", () => {
    expect(messages({ node: { isDeleting: true } })).toEqual([expect.stringMatching(/being deleted/)]);
    expect(messages({ node: { internalIps: ["fd00::1", ""] } })).toEqual([expect.stringMatching(/fd00::1, \(empty\)/)]);
    expect(messages({ others: [node(2, { ...sameAddress, createdAt: NOW })] })).toContain(
      "address 10.0.0.1 is published for node akswin1000002",
    );
  });

  test("is published with its uid and zone, even if another node has an invalid address", () => {
    const [, second] = classifyAll({ node: { internalIps: ["nonsense:"] }, others: [node(2, { zone: undefined })] });
    expect(second?.endpoint).toEqual({
      node: "akswin1000002",
      uid: "uid-2",
      address: "10.0.0.2",
      port: 9182,
      ready: true,
      zone: undefined,
    });
  });
});

describe("the pool of a node", () => {
  const onlyWin1 = forPools({ pools: ["win1"] });
  test.each<Omit<Case, "when"> & { readonly source: string }>([
    { source: "the label", node: { pool: "win2" }, desired: onlyWin1, verdict: "excluded pool-off" },
    { source: "the label in capitals", node: { pool: "WIN1" }, desired: onlyWin1, verdict: PUBLISHED },
    { source: "the name if there is no label", node: { pool: undefined }, desired: onlyWin1, verdict: PUBLISHED },
    {
      source: "the name, for another pool",
      node: { pool: undefined, name: parseNodeName("akswin12000001") },
      desired: onlyWin1,
      verdict: "excluded pool-off",
    },
    {
      source: "the name, for its source too",
      node: { pool: undefined },
      desired: forPools({ sources: { win1: "native" } }),
      verdict: "published 10.0.0.1:19182",
    },
    {
      source: "neither, and outside POOLS",
      node: { pool: undefined, name: parseNodeName("own-node") },
      desired: onlyWin1,
      verdict: "excluded pool-off",
    },
  ])("comes from $source: $verdict", ({ verdict, ...world }) => {
    expect(classify(world)).toBe(verdict);
  });
});

describe("the address", () => {
  const dual = { internalIps: ["FD00:0::1", "10.0.0.1", "10.0.0.77"] };
  test.each<Case>([
    { when: "if that is IPv4", node: dual, verdict: PUBLISHED },
    { when: "if that is IPv6, in canonical form", node: dual, family: "IPv6", verdict: "published fd00::1:9182" },
    { when: "if that is IPv6 and the node has none", family: "IPv6", verdict: "unpublished no-address" },
    { when: "if an endpoint may have it", node: { internalIps: ["169.254.3.4", "", "010.0.0.1"] }, verdict: PUBLISHED },
  ])("is the first InternalIP of the Service's primary family, $when: $verdict", ({ verdict, ...world }) => {
    expect(classify(world)).toBe(verdict);
  });

  const older = { ...sameAddress, createdAt: NOW - 2 * DAY };
  const newer = { ...sameAddress, createdAt: NOW - HOUR };
  test.each([
    { winner: "the newest", others: [node(2, older)], uid: "uid-1" },
    { winner: "the newest, whatever its name", others: [node(2, newer), node(3, older)], uid: "uid-2" },
    { winner: "the Ready one, even if it is older", one: { ready: "False" }, others: [node(2, older)], uid: "uid-2" },
    {
      winner: "the newest if none is Ready",
      one: { ready: "Unknown" },
      others: [node(2, { ...newer, ready: "False" })],
      uid: "uid-2",
    },
    { winner: "the first by name if equally old", others: [node(2, sameAddress)], uid: "uid-1" },
    {
      winner: "the older if the newer is being deleted",
      others: [node(2, { ...newer, isDeleting: true })],
      uid: "uid-1",
    },
    { winner: "the older if the newer's pool is off", others: [node(2, { ...newer, pool: "off1" })], uid: "uid-1" },
    { winner: "the only one of the family", others: [node(2, { ...newer, internalIps: ["fd00::1"] })], uid: "uid-1" },
  ] as const)("of several nodes is published for $winner", ({ others, uid, ...rest }) => {
    const world = { node: "one" in rest ? rest.one : {}, desired: forPools({ sources: { off1: "off" } }) } as const;
    for (const order of [others, others.toReversed()]) {
      const verdicts = classifyAll({ ...world, others: order });
      const holders = verdicts.filter(({ endpoint }) => endpoint?.address === "10.0.0.1");
      expect(holders.map((each) => each.node.uid)).toEqual([uid]);
    }
  });
});

describe("a silent node", () => {
  const gone = "unpublished node-gone";
  test.each<Case>([
    {
      when: "it is silent for less than 10 minutes",
      node: { ...silent, readySince: silent.readySince + 1 },
      verdict: PUBLISHED,
    },
    { when: "silent for 10 minutes and deallocated", verdict: gone },
    { when: "its instance runs", status: {}, verdict: PUBLISHED },
    { when: "the last list is as old as its silence", listedAt: silent.readySince, verdict: PUBLISHED },
    { when: "the last list is newer than its silence", listedAt: silent.readySince + 1, verdict: gone },
    { when: "the extension flow's memory is missing", isMemoryLost: true, verdict: `${PUBLISHED} not-ready` },
    { when: "it is not Ready instead of Unknown", node: { ...silent, ready: "False" }, verdict: PUBLISHED },
    { when: "most nodes are silent", others: [node(2, silent), node(3)], verdict: PUBLISHED },
    { when: "half of all nodes are silent", others: [node(2, silent), node(3), node(4)], verdict: gone },
    { when: "it is the only node", others: [], verdict: PUBLISHED },
  ])("is '$verdict' if $when", ({ verdict, ...world }) => {
    expect(classify({ node: silent, others: well, status: stopped, ...world })).toBe(verdict);
  });
});

describe("the readiness of an endpoint", () => {
  const notReady = `${PUBLISHED} not-ready`;
  const unproven = { succeededAt: undefined };
  const liveReady = readiness("uid-1", 9182, true);

  test.each<Case>([
    { when: "the proof is newer than the node", status: { succeededAt: NOW - DAY + 1 }, verdict: PUBLISHED },
    { when: "the proof is as old as the node", status: { succeededAt: NOW - DAY }, verdict: notReady },
    { when: "the proof is older than the node", status: { succeededAt: NOW - 2 * DAY }, verdict: notReady },
    { when: "there is no proof", status: unproven, verdict: notReady },
    { when: "unproven, but ready in a live object", status: unproven, live: liveReady, verdict: PUBLISHED },
    {
      when: "the proof is old, but a live object ready",
      status: { succeededAt: 0 },
      live: liveReady,
      verdict: PUBLISHED,
    },
    {
      when: "proven, but not ready in a live object",
      live: readiness("uid-1", 9182, false),
      verdict: PUBLISHED,
    },
    { when: "memory is lost", isMemoryLost: true, verdict: notReady },
    { when: "memory is lost, but a live object ready", isMemoryLost: true, live: liveReady, verdict: PUBLISHED },
    {
      when: "memory is lost, a live object not ready",
      isMemoryLost: true,
      live: readiness("uid-1", 9182, false),
      verdict: notReady,
    },
    {
      when: "a live object is ready for another uid",
      status: unproven,
      live: readiness("uid-2", 9182, true),
      verdict: notReady,
    },
    {
      when: "a live object is ready for another port",
      status: unproven,
      live: readiness("uid-1", 19182, true),
      verdict: notReady,
    },
    {
      when: "AKS's own exporter has no proof",
      status: unproven,
      desired: forPools({ sources: { win1: "native" } }),
      verdict: "published 10.0.0.1:19182",
    },
    {
      when: "another tool's exporter has no proof",
      isMemoryLost: true,
      desired: forPools({ sources: { win1: "external" } }),
      verdict: PUBLISHED,
    },
    { when: "proven, but the node is not Ready", node: { ready: "False" }, verdict: PUBLISHED },
    { when: "proven, but the instance is stopped", status: stopped, verdict: PUBLISHED },
    {
      when: "in no scale set, but a live object ready",
      status: null,
      live: liveReady,
      verdict: "uncovered unexplained 10.0.0.1:9182",
    },
  ])("is '$verdict' if $when", ({ verdict, ...world }) => {
    expect(classify(world)).toBe(verdict);
  });
});
