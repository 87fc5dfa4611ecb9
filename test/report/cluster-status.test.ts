import { describe, expect, test } from "vitest";
import { parseNodeName } from "../../shared/model/ids.ts";
import { NO_PAUSES } from "../../shared/model/pauses.ts";
import type { Verdict } from "../../shared/model/verdict.ts";
import { renderStatus } from "../../shared/report/render-status.ts";
import { CLUSTER_ID, HOUR, instance, MINUTE, NOW, SET_ID } from "../build.ts";
import { endpointVerdict, instanceVerdict, objectsVerdict, setVerdict } from "./joined.ts";
import { APP, failedReport, report, shop, stored } from "./stored.ts";

const nameOf = (index: number) => parseNodeName(`akswin100000${index}`);
const inPool = (index: number, over: Partial<Verdict> = {}, unprovenMinutes?: number): Verdict => {
  const { id, vmId } = instance(String(index));
  const facts =
    unprovenMinutes === undefined ? {} : { isDesired: false, unprovenSince: NOW - unprovenMinutes * MINUTE };
  return instanceVerdict(
    { ...over, subject: { kind: "instance", scaleSet: SET_ID, id, vmId, node: nameOf(index) } },
    facts,
  );
};
const published = (index: number, isReady = true): Verdict =>
  endpointVerdict(
    { subject: { kind: "node", node: nameOf(index) } },
    { isReady, live: isReady ? "ready" : "not-ready" },
  );
const endpointsOf = (...nodes: readonly Verdict[]) =>
  stored(report([objectsVerdict(), ...nodes]), { flow: "endpoints" });

const busy = setVerdict({
  state: "waiting",
  reason: "aks-busy",
  message: "pool win1 is Upgrading",
  since: NOW - 27 * MINUTE,
});

describe("headline and counts are about nodes", () => {
  test("all well", () => {
    const found = shop(stored(report([setVerdict(), inPool(0), inPool(1)])), endpointsOf(published(0), published(1)));
    expect(found).toMatchObject({
      level: "well",
      headline: "All 2 Windows nodes have metrics",
      counts: { covered: 2 },
    });
    expect(found).toMatchObject({ problems: [], summary: [] });
  });

  test("during an upgrade: who waits for AKS, since when, and that it heals by itself", () => {
    const found = shop(
      stored(report([busy, inPool(0), inPool(1, { state: "outdated" }, 6)])),
      endpointsOf(published(0), published(1, false)),
    );
    expect(found).toMatchObject({
      level: "waiting",
      headline: "1 of 2 Windows nodes has no metrics",
      summary: ["1 waits for AKS: AKS has an operation in progress, since 11:33 UTC."],
      counts: { covered: 1, "waiting-for-aks": 1 },
    });
    expect(found.problems).toMatchObject([
      {
        level: "waiting",
        title: "Pool win1: AKS has an operation in progress",
        message: "Pool win1 is Upgrading",
        nodes: ["akswin1000001"],
        healsItself: true,
      },
    ]);
  });

  test("a node that is off or not running is no part of the headline", () => {
    const off = endpointVerdict(
      { subject: { kind: "node", node: nameOf(1) }, state: "excluded", reason: "pool-off" },
      { source: "off", live: "no" },
    );
    const found = shop(
      stored(report([setVerdict(), inPool(0), inPool(2, { state: "not-running" }, 600)])),
      endpointsOf(published(0), off),
    );
    expect(found).toMatchObject({
      level: "well",
      headline: "The Windows node has metrics",
      counts: { covered: 1, excluded: 1, "not-running": 1 },
    });
  });
});

describe("problems", () => {
  test("nodes with the same fault are one problem, with the earliest time and the next try", () => {
    const download = { state: "failed", reason: "cause-download" } as const;
    const later = inPool(0, { ...download, since: NOW - MINUTE, nextTryAt: NOW + HOUR }, 30);
    const first = inPool(1, { ...download, since: NOW - HOUR, nextTryAt: NOW + 5 * MINUTE }, 70);
    const { problems } = shop(
      stored(report([setVerdict(), later, first])),
      endpointsOf(published(0, false), published(1, false)),
    );
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({
      title: "2 nodes of win1 failed: the package could not be downloaded",
      level: "trouble",
      since: "2026-11-22T11:00:00.000Z",
      nextTryAt: "2026-11-22T12:05:00.000Z",
      nodes: ["akswin1000000", "akswin1000001"],
      healsItself: true,
    });
    expect(problems[0]?.remedy?.command).toContain(
      "'https://func-awm.azurewebsites.net/api/resync?cluster=shop&pool=win1'",
    );
  });

  test("a package that other nodes of the pool run is not blamed", () => {
    const broken = inPool(0, { state: "failed", reason: "cause-package" }, 30);
    const alone = shop(stored(report([setVerdict(), broken])), endpointsOf(published(0, false)));
    const beside = shop(
      stored(report([setVerdict(), broken, inPool(1)])),
      endpointsOf(published(0, false), published(1)),
    );
    expect(alone.problems[0]?.remedy?.text).toMatch(/publish a package that works/);
    expect(beside.problems[0]?.remedy?.text).toMatch(/^Other nodes of the pool run this package/);
  });
});

test("a node that the API server refused has no metrics, although the pass wrote the others", () => {
  const error = { fault: "bug", message: "422", names: { nodes: [nameOf(1)] } } as const;
  const action = { kind: "apply-endpoints", endpoints: 1 } as const;
  const flow = stored(
    report(
      [
        objectsVerdict({ state: "acting" }),
        published(0),
        endpointVerdict({ subject: { kind: "node", node: nameOf(1) } }, { live: "no" }),
      ],
      {
        outcomes: [{ action, status: "done", at: NOW, error }],
      },
    ),
    { flow: "endpoints" },
  );
  const { headline, pools } = shop(stored(report([setVerdict(), inPool(0), inPool(1)])), flow);
  expect(headline).toBe("1 of 2 Windows nodes has no metrics");
  expect(pools[0]?.nodes.map(({ node, hasMetrics }) => `${node} ${hasMetrics}`).toSorted()).toEqual([
    "akswin1000000 true",
    "akswin1000001 false",
  ]);
});

describe("the link to the package", () => {
  const planned = { state: "planned", reason: "observe-only" } as const;

  test.each([
    { hours: 24, problems: ["Pool win1: MODE is observe"] },
    { hours: 23, problems: ["Pool win1: the link to the package was not renewed", "Pool win1: MODE is observe"] },
    { hours: -1, problems: ["Pool win1: the link to the package was not renewed", "Pool win1: MODE is observe"] },
  ])("with $hours hours left is told as $problems", ({ hours, problems }) => {
    const verdict = setVerdict({ ...planned, linkExpiresAt: NOW + hours * HOUR });
    const found = shop(stored(report([verdict, inPool(0)])), endpointsOf(published(0)));
    expect(found.problems.map(({ title }) => title)).toEqual(problems);
    expect(found.level).toBe(hours < 24 ? "trouble" : "waiting");
  });
});

describe("a flow that fails or does not run", () => {
  const failure = { fault: "transient", message: "list nodes: no answer" } as const;

  test("a failed pass shows what was known before, as of when, and since when passes fail", () => {
    const before = report([objectsVerdict(), published(0)], { endedAt: NOW - 2 * HOUR });
    const flow = stored(failedReport(failure, before), { flow: "endpoints", failingSince: NOW - 90 * MINUTE });
    const found = shop(stored(report([setVerdict(), inPool(0)])), flow);
    expect(found).toMatchObject({ level: "trouble", headline: "As of 10:00 UTC: The Windows node has metrics" });
    expect(found.summary).toEqual(["The endpoints pass fails: what it told is as of 10:00 UTC."]);
    expect(found.problems).toMatchObject([
      {
        title: "The endpoints pass fails in shop",
        since: "2026-11-22T10:30:00.000Z",
        message: "list nodes: no answer",
      },
    ]);
    expect(found.passes[1]).toMatchObject({ level: "trouble", observedAt: "2026-11-22T10:00:00.000Z" });
  });

  test("without an earlier observation, it is unknown what is published", () => {
    const found = shop(stored(report([setVerdict(), inPool(0)])), stored(failedReport(failure), { flow: "endpoints" }));
    expect(found.headline).toBe("1 Windows node: no pass has read which of them have metrics");
  });

  test("an overdue flow is trouble, whatever its last report says", () => {
    const found = shop(
      stored(report([setVerdict(), inPool(0)]), { overdueSince: NOW - 240 * HOUR }),
      endpointsOf(published(0)),
    );
    expect(found.level).toBe("trouble");
    expect(found.problems[0]).toMatchObject({ title: "No extension pass has run in shop", level: "trouble" });
  });

  test("before the first pass", () => {
    expect(shop(stored("none"), stored("none", { flow: "endpoints" }))).toMatchObject({
      level: "waiting",
      headline: "No pass has run yet",
      problems: [],
    });
  });
});

test("events of all flows are one timeline, the latest first", () => {
  const [early, late] = [NOW - HOUR, NOW - MINUTE];
  const message = "pool win1 is Upgrading";
  const { timeline } = shop(
    stored("none", { timeline: [{ at: early, kind: "dropped", pool: "win1", message }] }),
    stored("none", { flow: "endpoints", timeline: [{ at: late, kind: "pass-recovered", since: early }] }),
  );
  expect(timeline).toEqual([
    { at: "2026-11-22T11:59:00.000Z", text: "Passes succeed again, after 59 min." },
    {
      at: "2026-11-22T11:00:00.000Z",
      text: "The extension was dropped from win1, after this operation of AKS: pool win1 is Upgrading.",
    },
  ]);
});

test.each([
  { at: Date.UTC(2027, 2, 30), notices: 0 },
  { at: Date.UTC(2027, 2, 31), notices: 1 },
])("the retirement of DSC is a notice from 2027-03-31 on", ({ at, notices }) => {
  expect(renderStatus([{ cluster: CLUSTER_ID, flows: [], pauses: NO_PAUSES }], APP, at).notices).toHaveLength(notices);
});
