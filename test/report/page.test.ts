import { describe, expect, test } from "vitest";
import { parseClusterId, parseNodeName } from "../../shared/model/ids.ts";
import { type OutcomeSummary, parseReport, type Report } from "../../shared/model/report.ts";
import type { Subject, Verdict } from "../../shared/model/verdict.ts";
import { PAGE_HEADERS, renderPage } from "../../shared/report/page.ts";
import { renderStatus, type StoredCluster, type StoredFlow } from "../../shared/report/status-text.ts";
import { CLUSTER_ID, HOUR, instance, MINUTE, NOW, SET_ID, setIdOf } from "../build.ts";

const SET: Subject = { kind: "scale-set", scaleSet: SET_ID, pool: "win1" };

function machine(name: string, over: Partial<Verdict> = {}): Verdict {
  const { id, vmId } = instance("0");
  const subject = { kind: "instance", scaleSet: SET_ID, id, vmId, node: parseNodeName(name) } as const;
  return { subject, state: "current", since: NOW - HOUR, ...over };
}

function report(verdicts: readonly Verdict[], over: Partial<Report> = {}): Report {
  const times = { startedAt: NOW - 2 * MINUTE, endedAt: NOW - MINUTE };
  const plan = { actions: [], verdicts, requeueAt: NOW + 13 * MINUTE };
  return {
    cluster: CLUSTER_ID,
    flow: "extension",
    cause: "timer",
    ...times,
    warnings: [],
    observed: [],
    plan,
    outcomes: [],
    ...over,
  };
}

function stored(found: StoredFlow["report"], over: Partial<StoredFlow> = {}): StoredFlow {
  return {
    flow: "extension",
    report: found,
    requeueAt: undefined,
    isRequested: false,
    overdueSince: undefined,
    ...over,
  };
}

const shop = (...flows: readonly StoredFlow[]): StoredCluster => ({ cluster: CLUSTER_ID, flows });
const status = (...clusters: readonly StoredCluster[]) => renderStatus(clusters, { at: NOW, mode: "install" });
const page = (...clusters: readonly StoredCluster[]): string => renderPage(status(...clusters));

/** Returns the visible text of a page, with single spaces. */
function words(text: string): string {
  const body = text.slice(text.indexOf("<body>")).replaceAll(/<[^>]*>/g, " ");
  return body.replaceAll(/\s+/g, " ").replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}

describe("escaping", () => {
  const hostile = `<script>alert("1")</script><img src=x onerror='a&b'>`;
  const failure: OutcomeSummary = {
    action: { kind: "delete-endpoint-slice", name: hostile },
    status: "failed",
    at: NOW,
    error: { fault: "bug", message: hostile },
  };
  const everywhere = report(
    [
      { subject: { ...SET, pool: hostile }, state: "refused", reason: "denied", message: hostile, since: NOW },
      machine(hostile, { state: "failed", message: hostile }),
      { subject: { kind: "node", node: parseNodeName(hostile) }, state: "uncovered", since: NOW },
    ],
    { observed: [hostile], outcomes: [failure], failure: { fault: "bug", message: hostile } },
  );
  const id = `/subscriptions/s/resourcegroups/g/providers/microsoft.containerservice/managedclusters/"><b>`;
  const text = page(
    { cluster: parseClusterId(id), flows: [stored(everywhere)] },
    shop(stored({ failure: hostile }), stored("none", { flow: "endpoints" })),
  );

  test("hostile names, messages, lines and failures are text, in elements and attributes", () => {
    expect(text).toContain(
      "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&lt;img src=x onerror=&#39;a&amp;b&#39;&gt;",
    );
    expect(text).not.toMatch(/<(script|img|b)\b/);
    expect([...text.matchAll(/<a href="([^"]*)"/g)].map(([, href]) => href)).toEqual(["#cluster-0", "#cluster-1"]);
  });

  test("the page has only known tags, none of which loads or runs anything", () => {
    const tags = new Set([...text.matchAll(/<([a-z0-9]+)/g)].map(([, tag]) => tag));
    const own = "html head meta title style body h1 h2 h3 p a table thead tbody tr th td section time span ul li";
    expect(own.split(" ")).toEqual(expect.arrayContaining([...tags]));
    expect(text).not.toMatch(/https?:|url\(|@import|<[^>]*\s(on\w+|src)=/i);
    expect(PAGE_HEADERS["content-security-policy"]).toMatch(/^default-src 'none'; style-src 'unsafe-inline';/);
  });
});

describe("order", () => {
  const atelier = parseClusterId(CLUSTER_ID.replace(/shop$/, "atelier"));
  const atRest: Verdict = { subject: SET, state: "at-rest", since: NOW };
  const second = setIdOf("akswin2");
  const inSecond = (name: string, over: Partial<Verdict> = {}): Verdict => {
    const { id, vmId } = instance("0");
    return machine(name, {
      ...over,
      subject: { kind: "instance", scaleSet: second, id, vmId, node: parseNodeName(name) },
    });
  };
  const mixed = report([
    atRest,
    machine("akswin1000000"),
    {
      subject: { kind: "scale-set", scaleSet: second, pool: "win2" },
      state: "waiting",
      reason: "aks-busy",
      since: NOW,
    },
    inSecond("akswin2000001"),
    inSecond("akswin2000000", { state: "installing" }),
    inSecond("akswin2000002", { state: "failed", reason: "cause-download" }),
  ]);
  const text = words(page({ cluster: atelier, flows: [stored(report([atRest]))] }, shop(stored(mixed))));

  test.each([
    { first: "Cluster shop", later: "Cluster atelier" },
    { first: "instance akswin2000002: failed", later: "Passes" },
    { first: "Pool win2", later: "Pool win1" },
    { first: "scale set akswin2 (pool win2): waiting", later: "instance akswin2000000: installing" },
    { first: "instance akswin2000000: installing", later: "instance akswin2000001: current" },
  ])("$first comes before $later", ({ first, later }) => {
    expect(text).toContain(first);
    expect(text.indexOf(first)).toBeLessThan(text.indexOf(later));
  });

  test("failed instances come first in the table of their pool", () => {
    const pool = text.slice(text.indexOf("Pool win2"), text.indexOf("Pool win1"));
    expect(pool.match(/akswin200000\d: \w+/g)).toEqual([
      "akswin2000002: failed",
      "akswin2000000: installing",
      "akswin2000001: current",
    ]);
  });

  test("the row of each cluster counts its verdicts by level", () => {
    expect(text).toContain("Cluster Refused or failed Waiting In progress Well shop 1 1 1 3 atelier 0 0 0 1");
  });
});

describe("sentences", () => {
  test("a refusal has its reason, its time and its remedy", () => {
    const refused: Verdict = { subject: SET, state: "refused", reason: "service-missing", since: NOW - HOUR };
    expect(words(page(shop(stored(report([refused])))))).toContain(
      "scale set akswin1 (pool win1): refused, because the Service does not exist 2026-11-22 11:00:00 UTC 1 h ago Apply the manifests",
    );
  });

  test("a pass has its time, its cause, the time of the next pass, and its result", () => {
    expect(words(page(shop(stored(report([])))))).toContain(
      "extension 2026-11-22 11:59:00 UTC 1 min ago , by timer 2026-11-22 12:13:00 UTC in 13 min no failure",
    );
  });

  test("the next pass after a failed one is due when memory says, or at the next tick if one was requested", () => {
    const failed = report([], { failure: { fault: "denied", message: "list pools of shop: no" } });
    const text = (over: Partial<StoredFlow>) => words(page(shop(stored(failed, over))));
    expect(text({ requeueAt: NOW + 5 * MINUTE })).toContain("2026-11-22 12:05:00 UTC in 5 min 1 failure, see above");
    expect(text({ requeueAt: NOW + 5 * MINUTE, isRequested: true })).toContain(
      "at the next tick of the timer 1 failure",
    );
    expect(text({})).toContain("extension pass: list pools of shop: no 2026-11-22 11:58:00 UTC 2 min ago");
  });

  test("a flow at rest, whose last report is minutes old, runs at the next tick", () => {
    expect(words(page(shop(stored(report([]), { requeueAt: NOW - MINUTE }))))).toContain(
      "1 min ago , by timer at the next tick of the timer no failure",
    );
  });

  test("an overdue flow is trouble, and says since when it has not run", () => {
    const text = words(page(shop(stored(report([]), { overdueSince: NOW - HOUR }))));
    expect(text).toContain("extension pass: overdue: no pass has run since 2026-11-22T11:00:00.000Z");
    expect(text).toContain("In progress Well shop 1 0 0 0");
  });

  test("warnings are listed", () => {
    const text = words(page(shop(stored(report([], { warnings: ["The stored memory cannot be read."] })))));
    expect(text).toContain("Warnings of the extension pass The stored memory cannot be read.");
  });

  test.each([
    { found: "none", note: "extension at the next tick of the timer no pass has run yet" },
    { found: "unknown-shape", note: "the stored report has an unknown format" },
  ] as const)("reports a stored report that is $found", ({ found, note }) => {
    expect(words(page(shop(stored(found))))).toContain(note);
  });

  test("reports a report that cannot be read, with the reason", () => {
    const text = status(shop(stored({ failure: "read reports/x: no permission" })));
    expect(text.failures).toEqual([`${CLUSTER_ID}: read reports/x: no permission`]);
    expect(words(renderPage(text))).toContain("Reports that cannot be read");
  });

  test("lists published addresses and nodes as the endpoints pass observed them", () => {
    const subject = { kind: "node", node: parseNodeName("akswin1000000") } as const;
    const found = report([{ subject, state: "published", message: "10.0.0.4:9182, ready", since: NOW }], {
      observed: ["1 addresses published", "10.0.0.4:9182"],
    });
    const text = words(page(shop(stored(found, { flow: "endpoints" }))));
    expect(text).toContain("Nodes Verdict Since Remedy node akswin1000000: published; 10.0.0.4:9182, ready");
    expect(text).toContain("What the endpoints pass observed 1 addresses published 10.0.0.4:9182");
  });
});

describe("parseReport", () => {
  const good = report([machine("akswin1000000"), { subject: SET, state: "waiting", reason: "aks-busy", since: NOW }]);
  const [verdict] = good.plan.verdicts;

  test("accepts a report after a round trip through JSON", () => {
    expect(parseReport(JSON.parse(JSON.stringify(good)))).toEqual(good);
  });

  test.each<{ readonly what: string; readonly value: unknown }>([
    { what: "nothing", value: undefined },
    { what: "a list", value: [] },
    { what: "a report without a plan", value: { ...good, plan: undefined } },
    { what: "a time that is not a valid date", value: { ...good, endedAt: 9e15 } },
    { what: "a time as text", value: { ...good, startedAt: "yesterday" } },
    { what: "a line that is not text", value: { ...good, observed: [{}] } },
    { what: "an unknown subject", value: withVerdict({ ...verdict, subject: { kind: "moon" } }) },
    {
      what: "a subject named like a property of every object",
      value: withVerdict({ ...verdict, subject: { kind: "constructor" } }),
    },
    { what: "an unknown state", value: withVerdict({ ...verdict, state: "kept" }) },
    { what: "an unknown reason", value: withVerdict({ ...verdict, reason: "toString" }) },
    { what: "an unknown action", value: { ...good, outcomes: [{ action: { kind: "reboot" }, status: "done" }] } },
    { what: "a failure without a message", value: { ...good, failure: {} } },
  ])("rejects $what", ({ value }) => {
    expect(parseReport(value)).toBeUndefined();
  });

  function withVerdict(odd: unknown): unknown {
    return { ...good, plan: { ...good.plan, verdicts: [odd] } };
  }
});
