import { describe, expect, test } from "vitest";
import type { Action, Outcome } from "../../shared/model/action.ts";
import { summarizeAction, summarizeOutcome } from "../../shared/model/report.ts";
import type { Verdict } from "../../shared/model/verdict.ts";
import { describeAction, describeOutcome, describeVerdict } from "../../shared/report/describe.ts";
import { CLUSTER_ID, cse, forPools, instance, NOW, SET_ID } from "../build.ts";
import { plan } from "../planned.ts";

/** Returns the only action in the plan for a world. */
function actionIn(world: Parameters<typeof plan>[0]): Action {
  const [action, ...more] = plan(world).actions;
  if (!action || more.length > 0) throw new Error("expected one action");
  return action;
}

const put = actionIn({ set: { extensions: [] } });
const upgrade = actionIn({
  set: { instances: [instance("0"), instance("1", { extensions: [cse()] })] },
});
const deletion = actionIn({
  set: { instances: [] },
  known: { uninstall: { since: NOW, package: undefined } },
  desired: forPools({ uninstall: "*" }),
});
const slice = { name: "windows-exporter-0", addressType: "IPv4", port: 9182, endpoints: [] } as const;
const owned = { owner: "0a1b2c3d", serviceUid: "uid", resourceVersion: undefined, hasFormerManager: false };

describe("line of an action", () => {
  const cases: readonly { readonly action: Action; readonly line: string }[] = [
    { action: put, line: "put-extension akswin1 (missing): package aaaaaaaaaaaa" },
    { action: upgrade, line: "upgrade-instances akswin1 (rollout): akswin1000001" },
    { action: deletion, line: "delete-extension akswin1 (uninstall)" },
    {
      action: { kind: "apply-endpoint-slice", slice: { ...slice, ...owned } },
      line: "apply-endpoint-slice windows-exporter-0: 0 endpoints",
    },
    {
      action: { kind: "delete-endpoint-slice", name: "windows-exporter-1", resourceVersion: "7" },
      line: "delete-endpoint-slice windows-exporter-1",
    },
    {
      action: {
        kind: "apply-endpoints",
        endpoints: { endpoints: [], owner: "0a1b2c3d", resourceVersion: undefined, hasFormerManager: false },
      },
      line: "apply-endpoints: 0 addresses",
    },
    { action: { kind: "delete-endpoints", resourceVersion: "7" }, line: "delete-endpoints" },
  ];

  test.each(cases)("$line", ({ action, line }) => {
    expect(describeAction(summarizeAction(action))).toBe(line);
  });
});

describe("line of an outcome", () => {
  const line = "put-extension akswin1 (missing): package aaaaaaaaaaaa";
  const cases: readonly { readonly outcome: Omit<Outcome, "action" | "at">; readonly end: string }[] = [
    { outcome: { status: "submitted", operation: "https://poller" }, end: "submitted" },
    { outcome: { status: "withheld", reason: "observe-only" }, end: "withheld (observe-only)" },
    { outcome: { status: "dropped", reason: "changed-since-observed" }, end: "dropped (changed-since-observed)" },
    {
      outcome: { status: "failed", error: { fault: "denied", message: "no permission" } },
      end: "failed: no permission",
    },
  ];

  test.each(cases)("$end", ({ outcome, end }) => {
    expect(describeOutcome(summarizeOutcome({ action: put, at: NOW, ...outcome }))).toBe(`${line}: ${end}`);
  });
});

describe("sentence of a verdict", () => {
  const { id, vmId, node } = instance("0");
  const set = { kind: "scale-set", scaleSet: SET_ID, pool: "win1" } as const;
  const cases: readonly { readonly verdict: Omit<Verdict, "since">; readonly sentence: string }[] = [
    {
      verdict: { subject: set, state: "waiting", reason: "aks-busy", message: "pool win1 is Scaling" },
      sentence:
        "scale set akswin1 (pool win1): waiting, because AKS has an operation in progress; pool win1 is Scaling",
    },
    { verdict: { subject: set, state: "at-rest" }, sentence: "scale set akswin1 (pool win1): at-rest" },
    {
      verdict: { subject: { kind: "cluster", cluster: CLUSTER_ID }, state: "refused", reason: "cluster-gone" },
      sentence: "cluster shop: refused, because the cluster does not exist",
    },
    {
      verdict: { subject: { kind: "instance", scaleSet: SET_ID, id, vmId, node }, state: "current" },
      sentence: "instance akswin1000000: current",
    },
    {
      verdict: { subject: { kind: "node", node }, state: "unpublished", message: "it has no address" },
      sentence: "node akswin1000000: unpublished; it has no address",
    },
  ];

  test.each(cases)("$sentence", ({ verdict, sentence }) => {
    expect(describeVerdict({ ...verdict, since: NOW })).toBe(sentence);
  });
});
