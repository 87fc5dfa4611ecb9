import { describe, expect, test } from "vitest";
import type { ClusterResult } from "../../shared/model/flow.ts";
import type { Report } from "../../shared/model/report.ts";
import { LOG_WORDS, logResults } from "../../shared/report/log.ts";
import { CLUSTER_ID, NOW } from "../build.ts";

const DENIED = { fault: "denied", message: "list nodes: no\npermission" } as const;
const report: Report = {
  cluster: CLUSTER_ID,
  flow: "endpoints",
  cause: "timer",
  startedAt: NOW,
  endedAt: NOW + 1500,
  warnings: [],
  observed: [],
  plan: {
    actions: [],
    verdicts: [
      { subject: { kind: "cluster", cluster: CLUSTER_ID }, state: "refused", reason: "service-missing", since: NOW },
      { subject: { kind: "cluster", cluster: CLUSTER_ID }, state: "in-sync", since: NOW },
    ],
    requeueAt: NOW,
  },
  outcomes: [{ action: { kind: "delete-endpoints" }, status: "failed", at: NOW, error: DENIED }],
};

function logged(...results: readonly ClusterResult[]) {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const failures = logResults({ log: write, warn: write }, results);
  return { lines, failures };
}

describe("log", () => {
  const all = logged(
    { cluster: CLUSTER_ID, result: report },
    { cluster: CLUSTER_ID, result: "busy" },
    { cluster: CLUSTER_ID, failure: DENIED },
  );

  test.each(all.lines)("a line is a known word and JSON: %s", (line) => {
    const [, word = "", json = ""] = /^([a-z-]+) (\{[^\n]*\})$/.exec(line) ?? [];
    expect(Object.keys(LOG_WORDS)).toContain(word);
    expect(Object.keys(JSON.parse(json)).length).toBeGreaterThan(0);
  });

  test("has a line for each pass, action, refusal, failure and skipped pass", () => {
    expect(all.lines.map((line) => line.split(" ")[0])).toEqual([
      "pass",
      "action",
      "refused",
      "failed",
      "pass-skipped",
      "failed",
    ]);
  });

  test("the line of a pass has its fields", () => {
    const fields = { cluster: CLUSTER_ID, flow: "endpoints", cause: "timer", ms: 1500, actions: 0 };
    expect(all.lines[0]).toBe(`pass ${JSON.stringify(fields)}`);
  });
});

test("returns the failures of all results, which fail the invocation", () => {
  const { failures } = logged({ cluster: CLUSTER_ID, result: report }, { cluster: CLUSTER_ID, failure: DENIED });
  expect(failures).toEqual([
    `${CLUSTER_ID}: delete-endpoints: failed: ${DENIED.message}`,
    `${CLUSTER_ID}: ${DENIED.message}`,
  ]);
});
