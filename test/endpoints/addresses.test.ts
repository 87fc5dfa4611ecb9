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
import { desiredEndpoints, exporters, ids, install, node, publishedWorld } from "../build-nodes.ts";
import { DAY, forPools, HOUR, MINUTE, NOW } from "../build.ts";

interface Case {
  readonly when: string;
  /** Node 1, of which the verdict is; its machine is proved and runs. */
  readonly node?: Partial<WindowsNode>;
  readonly others?: readonly WindowsNode[];
  /** `null`: none of the lists has it. */
  readonly install?: Partial<ExporterStatus> | null;
  readonly listedAt?: number;
  /** The extension flow's memory is missing. */
  readonly isLost?: boolean;
  readonly desired?: Partial<EndpointsDesired>;
  readonly family?: AddressFamily;
  readonly live?: LiveReadiness;
  readonly verdict: string;
}

function judgeAll(c: Omit<Case, "when" | "verdict">): readonly NodeVerdict[] {
  const others = c.others ?? [];
  const listed = [...ids(2, 9).map((id) => install(id)), ...(c.install === null ? [] : [install(1, c.install)])];
  const known = c.isLost ? undefined : exporters(listed, c.listedAt);
  const observed = publishedWorld([], { nodes: [...others, node(1, c.node)], exporters: known });
  return chooseAddresses(desiredEndpoints(c.desired), observed, c.family ?? "IPv4", c.live ?? new Map());
}

function words({ state, reason, endpoint }: NodeVerdict): string {
  const published = endpoint && `${endpoint.address}:${endpoint.port}${endpoint.ready ? "" : " unproved"}`;
  return [state, reason, published].filter((each) => each !== undefined).join(" ");
}

function judge(c: Omit<Case, "when" | "verdict">): string | undefined {
  return judgeAll(c)
    .filter(({ node: { uid } }) => uid === "uid-1")
    .map(words)[0];
}

const message = (world: Omit<Case, "when" | "verdict">): readonly (string | undefined)[] =>
  judgeAll(world).map((each) => each.message);

const PUBLISHED = "published 10.0.0.1:9182";
const silent = { ready: "Unknown", readySince: NOW - 10 * MINUTE } as const;
const stopped = { isRunning: false };
const well = [node(2), node(3)];
const sameAddress = { internalIps: ["10.0.0.1"] };

const said = (uid: string, port: number, ready: boolean): LiveReadiness => new Map([[readinessKey(uid, port), ready]]);
const ROWS: readonly Case[] = [
  { when: "all is well", verdict: PUBLISHED },
  { when: "it is being deleted", node: { isDeleting: true }, verdict: "unpublished node-gone" },
  { when: "its pool is out of the filter", desired: forPools({ pools: ["win2"] }), verdict: "excluded pool-off" },
  { when: "its pool is in the filter", desired: forPools({ pools: ["win1"] }), verdict: PUBLISHED },
  { when: "its source is off", desired: forPools({ sources: { win1: "off" } }), verdict: "excluded pool-off" },
  { when: "another pool's source is off", desired: forPools({ sources: { win2: "off" } }), verdict: PUBLISHED },
  {
    when: "AKS installs its exporter",
    desired: forPools({ sources: { win1: "native" } }),
    verdict: "published 10.0.0.1:19182",
  },
  { when: "somebody else installs it", desired: forPools({ sources: { win1: "external" } }), verdict: PUBLISHED },
  {
    when: "silent, and deallocated since",
    node: silent,
    others: well,
    install: stopped,
    verdict: "unpublished node-gone",
  },
  { when: "silent, and absent since", node: silent, others: well, install: null, verdict: "unpublished node-gone" },
  { when: "it has no address", node: { internalIps: [] }, verdict: "unpublished no-address" },
  { when: "it has none of the family", node: { internalIps: ["fd00::1"] }, verdict: "unpublished no-address" },
  {
    when: "another holds its address",
    others: [node(2, { ...sameAddress, createdAt: NOW })],
    verdict: "unpublished duplicate-address",
  },
  { when: "no scale set explains it", install: null, verdict: "uncovered unexplained 10.0.0.1:9182 unproved" },
];

describe("a node", () => {
  test.each(ROWS)("when $when: $verdict", ({ verdict, ...world }) => {
    expect(judge(world)).toBe(verdict);
  });

  test.each<Case>([
    {
      when: "a deleting one of a pool that is off",
      node: { isDeleting: true },
      desired: forPools({ sources: { win1: "off" } }),
      verdict: "unpublished node-gone",
    },
    {
      when: "a gone one of a pool that is off",
      node: silent,
      others: well,
      install: stopped,
      desired: forPools({ sources: { win1: "off" } }),
      verdict: "excluded pool-off",
    },
    {
      when: "a gone one without address",
      node: { ...silent, internalIps: [] },
      others: well,
      install: stopped,
      verdict: "unpublished node-gone",
    },
    {
      when: "an unexplained one whose address another holds",
      others: [node(2, { ...sameAddress, createdAt: NOW })],
      install: null,
      verdict: "unpublished duplicate-address",
    },
  ])("$when is judged by the earlier row: $verdict", ({ verdict, ...world }) => {
    expect(judge(world)).toBe(verdict);
  });

  test("that is left out says why in words", () => {
    expect(message({ node: { isDeleting: true } })).toEqual([expect.stringMatching(/being deleted/)]);
    expect(message({ node: { internalIps: ["fd00::1"] } })).toEqual([expect.stringMatching(/fd00::1/)]);
    expect(message({ others: [node(2, { ...sameAddress, createdAt: NOW })] })).toContain(
      "address 10.0.0.1 is published for node akswin1000002",
    );
  });

  test("is published with its uid and its zone, and nothing of a bad one fails the others", () => {
    const [, second] = judgeAll({ node: { internalIps: ["nonsense:"] }, others: [node(2, { zone: undefined })] });
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
  test.each<Case>([
    { when: "the label", node: { pool: "win2" }, desired: onlyWin1, verdict: "excluded pool-off" },
    { when: "the label in capitals", node: { pool: "WIN1" }, desired: onlyWin1, verdict: PUBLISHED },
    { when: "the name, without a label", node: { pool: undefined }, desired: onlyWin1, verdict: PUBLISHED },
    {
      when: "the name, which is another's",
      node: { pool: undefined, name: parseNodeName("akswin12000001") },
      desired: onlyWin1,
      verdict: "excluded pool-off",
    },
    {
      when: "the name, for its source too",
      node: { pool: undefined },
      desired: forPools({ sources: { win1: "native" } }),
      verdict: "published 10.0.0.1:19182",
    },
    {
      when: "unknown, where only some are wanted",
      node: { pool: undefined, name: parseNodeName("own-node") },
      desired: onlyWin1,
      verdict: "excluded pool-off",
    },
  ])("is from $when: $verdict", ({ verdict, ...world }) => {
    expect(judge(world)).toBe(verdict);
  });
});

describe("the address", () => {
  const dual = { internalIps: ["fd00::1", "10.0.0.1", "10.0.0.77"] };
  test.each<Case>([
    { when: "IPv4", node: dual, verdict: PUBLISHED },
    { when: "IPv6", node: dual, family: "IPv6", verdict: "published fd00::1:9182" },
    { when: "IPv6, and the node has none", family: "IPv6", verdict: "unpublished no-address" },
  ])("is the first one of the Service's primary family, $when: $verdict", ({ verdict, ...world }) => {
    expect(judge(world)).toBe(verdict);
  });

  const older = { ...sameAddress, createdAt: NOW - 2 * DAY };
  const newer = { ...sameAddress, createdAt: NOW - HOUR };
  test.each([
    { when: "the newest", others: [node(2, older)], wins: "uid-1" },
    { when: "the newest, whatever its name", others: [node(2, newer)], wins: "uid-2" },
    { when: "the Ready one, though it is older", one: { ready: "False" }, others: [node(2, older)], wins: "uid-2" },
    {
      when: "the newest of those not Ready",
      one: { ready: "Unknown" },
      others: [node(2, { ...newer, ready: "False" })],
      wins: "uid-2",
    },
    { when: "the first name of those alike", others: [node(2, sameAddress)], wins: "uid-1" },
    { when: "the newest of three", others: [node(2, newer), node(3, older)], wins: "uid-2" },
    { when: "not one that is being deleted", others: [node(2, { ...newer, isDeleting: true })], wins: "uid-1" },
    { when: "not one of a pool that is off", others: [node(2, { ...newer, pool: "off1" })], wins: "uid-1" },
    { when: "not one of the other family", others: [node(2, { ...newer, internalIps: ["fd00::1"] })], wins: "uid-1" },
  ] as const)("that two nodes have goes to $when", ({ others, wins, ...rest }) => {
    const world = { node: "one" in rest ? rest.one : {}, desired: forPools({ sources: { off1: "off" } }) } as const;
    for (const order of [others, others.toReversed()]) {
      const verdicts = judgeAll({ ...world, others: order });
      const holders = verdicts.filter(({ endpoint }) => endpoint?.address === "10.0.0.1");
      expect(holders.map(({ node: { uid } }) => uid)).toEqual([wins]);
    }
  });
});

describe("a node of which nothing is heard", () => {
  const gone = "unpublished node-gone";
  test.each<Case>([
    { when: "for less than 10 minutes", node: { ...silent, readySince: silent.readySince + 1 }, verdict: PUBLISHED },
    { when: "for 10 minutes", verdict: gone },
    { when: "while its machine runs", install: {}, verdict: PUBLISHED },
    { when: "since after the last list", listedAt: silent.readySince, verdict: PUBLISHED },
    { when: "since before the last list", listedAt: silent.readySince + 1, verdict: gone },
    { when: "and nothing is known of machines", isLost: true, verdict: `${PUBLISHED} unproved` },
    { when: "but only that it is not Ready", node: { ...silent, ready: "False" }, verdict: PUBLISHED },
    { when: "nor of most others", others: [node(2, silent), node(3)], verdict: PUBLISHED },
    { when: "nor of half of all", others: [node(2, silent), node(3), node(4)], verdict: gone },
    { when: "nor of any other", others: [], verdict: PUBLISHED },
  ])("$when: $verdict", ({ verdict, ...world }) => {
    expect(judge({ node: silent, others: well, install: stopped, ...world })).toBe(verdict);
  });
});

describe("what is published as ready", () => {
  const unproved = `${PUBLISHED} unproved`;
  const none = { succeededAt: undefined };
  const yes = said("uid-1", 9182, true);

  test.each<Case>([
    { when: "proof newer than the node", install: { succeededAt: NOW - DAY + 1 }, verdict: PUBLISHED },
    { when: "proof as old as the node", install: { succeededAt: NOW - DAY }, verdict: unproved },
    { when: "proof of the machine before it", install: { succeededAt: NOW - 2 * DAY }, verdict: unproved },
    { when: "no proof", install: none, verdict: unproved },
    { when: "no proof, and a live object that says so", install: none, live: yes, verdict: PUBLISHED },
    { when: "old proof, and a live object that says so", install: { succeededAt: 0 }, live: yes, verdict: PUBLISHED },
    { when: "proof, and a live object that says no", live: said("uid-1", 9182, false), verdict: PUBLISHED },
    { when: "lost installs", isLost: true, verdict: unproved },
    { when: "lost installs, and a live object that says so", isLost: true, live: yes, verdict: PUBLISHED },
    { when: "lost installs, and one that says no", isLost: true, live: said("uid-1", 9182, false), verdict: unproved },
    {
      when: "an object that says so of another uid",
      install: none,
      live: said("uid-2", 9182, true),
      verdict: unproved,
    },
    {
      when: "an object that says so of another port",
      install: none,
      live: said("uid-1", 19182, true),
      verdict: unproved,
    },
    {
      when: "no proof of AKS's own",
      install: none,
      desired: forPools({ sources: { win1: "native" } }),
      verdict: "published 10.0.0.1:19182",
    },
    {
      when: "no proof of somebody else's",
      isLost: true,
      desired: forPools({ sources: { win1: "external" } }),
      verdict: PUBLISHED,
    },
    { when: "a node in trouble", node: { ready: "False" }, verdict: PUBLISHED },
    { when: "a machine that is stopped", install: stopped, verdict: PUBLISHED },
    {
      when: "a live object, of an unexplained node",
      install: null,
      live: yes,
      verdict: "uncovered unexplained 10.0.0.1:9182",
    },
  ])("with $when: $verdict", ({ verdict, ...world }) => {
    expect(judge(world)).toBe(verdict);
  });
});
