import { describe, expect, test } from "vitest";
import { compact } from "../../shared/model/json.ts";
import type { JoinedNode } from "../../shared/report/join.ts";
import type { Level } from "../../shared/report/levels.ts";
import { classifyNode, type Published } from "../../shared/report/node-status.ts";
import type { NodeState } from "../../shared/report/status.ts";
import { HOUR, MINUTE, NOW } from "../build.ts";
import { endpointVerdict, instanceVerdict, joined, objectsVerdict, setVerdict } from "./joined.ts";

interface Case {
  readonly of: string;
  readonly has: Partial<JoinedNode>;
  readonly is: NodeState;
  readonly level: Level;
  readonly published?: Published;
  /** Minutes since the state has held. */
  readonly minutes?: number;
  readonly reason?: string | undefined;
}

const unproven = (minutes: number) => ({ unprovenSince: NOW - minutes * MINUTE, isDesired: false });
const notReady = endpointVerdict({}, { isReady: false, live: "not-ready" });
const missing = (minutes: number) => instanceVerdict({ state: "outdated" }, unproven(minutes));
const busy = setVerdict({ state: "waiting", reason: "aks-busy", since: NOW - 20 * MINUTE });
const isSubmitted = true;

const CASES: readonly Case[] = [
  { of: "a node that is well", has: {}, is: "covered", level: "well", published: "ready", minutes: 60 },
  {
    of: "a pool whose source is off",
    has: { endpoint: endpointVerdict({ state: "excluded", reason: "pool-off" }, { source: "off", live: "no" }) },
    is: "excluded",
    level: "well",
    published: "no",
    reason: "pool-off",
  },
  {
    of: "a pool outside POOLS whose model has the extension",
    has: { endpoint: undefined, scaleSet: [setVerdict({ state: "unmanaged" })] },
    is: "excluded",
    level: "well",
  },
  {
    of: "an extension that runs",
    has: { instance: instanceVerdict({ state: "installing" }, unproven(5)), endpoint: notReady },
    is: "installing",
    level: "working",
    published: "not-ready",
  },
  {
    of: "a submitted upgrade",
    has: { instance: missing(5), endpoint: notReady, isSubmitted },
    is: "installing",
    level: "working",
  },
  {
    of: "a withheld put",
    has: {
      instance: missing(90),
      endpoint: notReady,
      scaleSet: [setVerdict({ state: "planned", reason: "observe-only", since: NOW - 80 * MINUTE })],
    },
    is: "planned",
    level: "waiting",
    reason: "observe-only",
    minutes: 80,
  },
  {
    of: "a withheld publication",
    has: {
      endpoint: endpointVerdict({}, { live: "no" }),
      objects: objectsVerdict({ state: "planned", reason: "observe-only", since: NOW - MINUTE }),
    },
    is: "planned",
    level: "waiting",
    published: "no",
    minutes: 1,
  },
  {
    of: "a withheld renewal of the link",
    has: { scaleSet: [setVerdict({ state: "planned", reason: "observe-only" })] },
    is: "covered",
    level: "well",
  },
  {
    of: "a failed installation on a node that still has the exporter of another package",
    has: { instance: instanceVerdict({ state: "failed", reason: "cause-download", since: NOW - MINUTE }) },
    is: "failed",
    level: "trouble",
    published: "ready",
    reason: "cause-download",
    minutes: 1,
  },
  {
    of: "a node that AKS replaced, while AKS is at work",
    has: { instance: missing(10), endpoint: notReady, scaleSet: [busy] },
    is: "waiting-for-aks",
    level: "waiting",
    reason: "aks-busy",
    minutes: 20,
  },
  { of: "a current node while AKS is at work", has: { scaleSet: [busy] }, is: "covered", level: "well" },
  {
    of: "a node whose silent agent was current, while AKS is at work",
    has: { instance: instanceVerdict({ state: "unknown" }), scaleSet: [busy] },
    is: "covered",
    level: "well",
  },
  {
    of: "an instance that AKS has to finish, for 13 hours",
    has: {
      instance: instanceVerdict({ state: "awaiting-aks", reason: "vmss-cse", since: NOW - 13 * HOUR }, unproven(800)),
    },
    is: "waiting-for-aks",
    level: "trouble",
    reason: "vmss-cse",
  },
  {
    of: "a deallocated machine while AKS is at work",
    has: { instance: instanceVerdict({ state: "not-running" }), endpoint: undefined, scaleSet: [busy] },
    is: "not-running",
    level: "well",
    published: "no",
  },
  {
    of: "a pool of AKS's own exporter",
    has: { instance: undefined, scaleSet: [], endpoint: endpointVerdict({}, { source: "native" }) },
    is: "covered",
    level: "well",
  },
  {
    of: "another package",
    has: { instance: instanceVerdict({ state: "outdated" }, { isDesired: false }) },
    is: "outdated",
    level: "waiting",
    published: "ready",
  },
  {
    of: "a machine that AKS reimaged under the same Node, whose endpoint stays ready",
    has: { instance: missing(40) },
    is: "blind",
    level: "trouble",
    published: "ready",
    minutes: 40,
  },
  {
    of: "an unknown package",
    has: { instance: instanceVerdict({ state: "unknown-package" }, { isDesired: false }) },
    is: "outdated",
    level: "waiting",
  },
  {
    of: "no exporter for 29 minutes",
    has: { instance: missing(29), endpoint: notReady },
    is: "blind",
    level: "working",
    minutes: 29,
  },
  {
    of: "no exporter for 30 minutes",
    has: { instance: missing(30), endpoint: notReady },
    is: "blind",
    level: "trouble",
    minutes: 30,
  },
  {
    of: "no exporter where the app is denied",
    has: {
      instance: missing(300),
      endpoint: notReady,
      scaleSet: [setVerdict({ state: "refused", reason: "denied" })],
    },
    is: "blind",
    level: "trouble",
    reason: "denied",
    minutes: 300,
  },
  {
    of: "a proven node whose Service is gone for 40 minutes",
    has: {
      endpoint: endpointVerdict({}, { live: "no" }),
      objects: objectsVerdict({ state: "refused", reason: "service-missing", since: NOW - 40 * MINUTE }),
    },
    is: "blind",
    level: "trouble",
    published: "no",
    reason: "service-missing",
    minutes: 40,
  },
  {
    of: "a proven node without an address",
    has: {
      endpoint: endpointVerdict({ state: "unpublished", reason: "no-address" }, { isReady: false, live: "no" }),
      objects: objectsVerdict({ since: NOW - MINUTE }),
    },
    is: "blind",
    level: "trouble",
    reason: "no-address",
    minutes: 60,
  },
  {
    of: "a proven machine without a Node object",
    has: { endpoint: undefined },
    is: "blind",
    level: "trouble",
    published: "no",
  },
  {
    of: "a cluster that no pass has read",
    has: { endpoint: undefined, isClusterRead: false },
    is: "blind",
    level: "trouble",
    published: "unknown",
  },
  {
    of: "a node of no scale set",
    has: {
      instance: undefined,
      scaleSet: [],
      endpoint: endpointVerdict({ state: "uncovered", reason: "unexplained" }, { isReady: false, live: "not-ready" }),
    },
    is: "blind",
    level: "trouble",
    reason: "unexplained",
  },
];

describe("the first row that matches gives the state of a node", () => {
  test.each(CASES)("$of: $is, $level", ({ has, is, level, published, minutes, reason }) => {
    const found = classifyNode(joined(has), NOW);
    const told = { ...found, minutes: (NOW - found.since) / MINUTE, reason: found.because?.reason };
    expect(told).toMatchObject(compact({ state: is, level, published, minutes, reason }));
  });
});

describe("what is published", () => {
  test.each<{ of: string; isWritten: boolean; live: "ready" | "no"; is: Published }>([
    { of: "a pass that wrote everything", isWritten: true, live: "no", is: "ready" },
    { of: "a pass that wrote nothing or failed", isWritten: false, live: "no", is: "no" },
    { of: "a pass in sync", isWritten: false, live: "ready", is: "ready" },
  ])("after $of is $is", ({ isWritten, live, is }) => {
    expect(classifyNode(joined({ isWritten, endpoint: endpointVerdict({}, { live }) }), NOW).published).toBe(is);
  });
});
