import { describe, expect, test } from "vitest";
import { parseNodeName } from "../../shared/model/ids.ts";
import { parseReport, type Report, summarizeOutcome } from "../../shared/model/report.ts";
import { renderPage } from "../../shared/report/page/page.ts";
import { breakAndUse } from "../broken-values.ts";
import { CLUSTER_ID, HOUR, instance, NOW, SET_ID } from "../build.ts";
import { plan } from "../planned.ts";
import { statusOf, stored } from "./stored.ts";

const { id, vmId, node } = instance("0");
const failure = { fault: "throttled", message: "list nodes: 429", retryAfterMs: 5000 } as const;
const onScaleSet = { scaleSet: SET_ID, pool: "win1" };
const whole: Report = {
  cluster: CLUSTER_ID,
  flow: "extension",
  cause: "timer",
  startedAt: NOW - HOUR,
  endedAt: NOW,
  warnings: ["the node has two addresses"],
  observed: ["pool win1: 3 instances"],
  plan: {
    actions: [{ kind: "put-extension", ...onScaleSet, reason: "missing", package: "a".repeat(64) }],
    verdicts: [
      { subject: { kind: "cluster", cluster: CLUSTER_ID }, state: "refused", reason: "denied", since: NOW },
      { subject: { kind: "scale-set", ...onScaleSet }, state: "acting", message: "put-extension", since: NOW },
      { subject: { kind: "instance", scaleSet: SET_ID, id, vmId, node }, state: "failed", since: NOW },
      { subject: { kind: "node", node: parseNodeName("akswin1000001") }, state: "published", since: NOW },
    ],
    requeueAt: NOW + HOUR,
  },
  outcomes: [
    {
      action: { kind: "upgrade-instances", ...onScaleSet, reason: "rollout", nodes: [node] },
      status: "failed",
      at: NOW,
      error: failure,
    },
    {
      action: { kind: "apply-endpoint-slice", name: "windows-exporter-0", endpoints: 100 },
      status: "withheld",
      at: NOW,
      reason: "dry-run",
    },
  ],
  failure,
};

describe("a stored report", () => {
  test("is read whole", () => {
    expect(parseReport(JSON.parse(JSON.stringify(whole)))).toEqual(whole);
  });

  test("with any value in it removed or replaced by any JSON is not shown, or the page renders it", () => {
    const seen = breakAndUse(JSON.parse(JSON.stringify(whole)), (changed) => {
      const report = parseReport(changed);
      if (!report) return undefined;
      return renderPage(statusOf({ cluster: CLUSTER_ID, flows: [stored(report)] }));
    });
    expect(seen.lost).toBeGreaterThan(500);
    expect(seen.kept).toBeGreaterThan(100);
  });
});

describe("the summary of an outcome", () => {
  test("of a write in ARM has no settings and no operation", () => {
    const [action] = plan({ set: { extensions: [] } }).actions;
    if (action?.kind !== "put-extension") throw new Error("expected put-extension");
    const summary = summarizeOutcome({ action, status: "submitted", at: NOW, operation: "https://poller" });
    expect(summary).toEqual({
      action: { kind: "put-extension", ...onScaleSet, reason: "missing", package: action.extension.package },
      status: "submitted",
      at: NOW,
    });
  });

  test("of a write in Kubernetes has the number of endpoints, and no addresses", () => {
    const endpoint = { node, uid: "uid", address: "10.0.0.4", port: 9182, ready: true, zone: undefined };
    const owned = { owner: "0a1b2c3d", serviceUid: "uid", resourceVersion: undefined, hasFormerManager: false };
    const slice = {
      name: "windows-exporter-0",
      addressType: "IPv4",
      port: 9182,
      endpoints: [endpoint],
      ...owned,
    } as const;
    expect(
      summarizeOutcome({ action: { kind: "apply-endpoint-slice", slice }, status: "done", at: NOW }).action,
    ).toEqual({
      kind: "apply-endpoint-slice",
      name: "windows-exporter-0",
      endpoints: 1,
    });
  });
});
