import { describe, expect, test } from "vitest";
import { carriedMarker } from "../../shared/extension/instance-results.ts";
import {
  aksEntry,
  attempts,
  cse,
  known,
  MARKER,
  MINUTE,
  NOW,
  OLD_MARKER,
  operation,
  ourEntry,
  ours,
  tag,
} from "../build.ts";
import { type Case, classify, format, withExtensions } from "./classified.ts";

const failedExtension = ours({ state: "failed", message: "the MSI ended with 1603" });
const upgrading = { operation: operation({ kind: "upgrade-instances", instances: ["vm-0"] }) };
const upgraded = { marker: undefined, hadExtension: false, attempts: attempts({ succeeded: true }) };
const isProtected = { protectedFromScaleSetActions: true };
const outdated = { marker: OLD_MARKER };

const ROWS: readonly Case[] = [
  { when: "deallocated", as: { isRunning: false }, verdict: "not-running" },
  { when: "being deleted", as: { provisioningState: "Deleting" }, verdict: "not-running" },
  { when: "VM agent not ready", as: { agentReady: false }, verdict: "unknown" },
  {
    when: "Creating, without our extension",
    as: { provisioningState: "Creating", ...withExtensions() },
    verdict: "unknown",
  },
  {
    when: "Updating, without our extension",
    as: { provisioningState: "Updating", ...withExtensions() },
    verdict: "unknown",
  },
  { when: "Failed, our extension has not failed", as: { provisioningState: "Failed" }, verdict: "unknown" },
  {
    when: "Failed, our extension and vmssCSE have failed",
    as: { provisioningState: "Failed", extensions: [cse("failed"), failedExtension] },
    verdict: "unknown",
  },
  {
    when: "Failed, only our extension has failed",
    as: { provisioningState: "Failed", ...withExtensions(failedExtension) },
    known: { failedMarker: MARKER },
    verdict: "failed cause-package",
  },
  {
    when: "transitioning",
    as: withExtensions(ours({ state: "transitioning", at: NOW - MINUTE })),
    verdict: "installing",
  },
  { when: "our upgrade is running", as: withExtensions(), set: upgrading, verdict: "installing" },
  {
    when: "Updating, our upgrade is running",
    as: { provisioningState: "Updating", ...withExtensions() },
    set: upgrading,
    verdict: "installing",
  },
  {
    when: "our upgrade has ended",
    as: withExtensions(),
    set: { operation: { ...upgrading.operation, state: "succeeded" } },
    verdict: "outdated",
  },
  {
    when: "seen transitioning for 32 minutes, without a time in its status",
    as: withExtensions(ours({ state: "transitioning", at: undefined })),
    known: { installingSince: NOW - 32 * MINUTE },
    verdict: "installing",
  },
  {
    when: "seen transitioning for more than 32 minutes",
    as: withExtensions(ours({ state: "transitioning", at: undefined })),
    known: { installingSince: NOW - 32 * MINUTE - 1 },
    verdict: "failed stuck",
  },
  {
    when: "our upgrade is running for more than 32 minutes",
    as: withExtensions(),
    known: { installingSince: NOW - 33 * MINUTE },
    set: upgrading,
    verdict: "failed stuck",
  },
  { when: "succeeded, with the desired marker in memory", verdict: "current" },
  {
    when: "succeeded, with the desired marker in its tag and another in memory",
    as: withExtensions(ours({ tag: tag() })),
    known: outdated,
    verdict: "current",
  },
  { when: "vmssCSE transitioning", as: { extensions: [cse("transitioning")] }, verdict: "awaiting-aks vmss-cse" },
  {
    when: "vmssCSE succeeded less than 5 minutes ago",
    as: { extensions: [{ ...cse(), at: NOW - 5 * MINUTE + 1 }] },
    verdict: "awaiting-aks vmss-cse",
  },
  {
    when: "vmssCSE succeeded 5 minutes ago",
    as: { extensions: [{ ...cse(), at: NOW - 5 * MINUTE }] },
    verdict: "outdated",
  },
  {
    when: "vmssCSE succeeded at an unknown time",
    as: { extensions: [{ ...cse(), at: undefined }] },
    verdict: "outdated",
  },
  { when: "vmssCSE failed", as: { extensions: [cse("failed")] }, verdict: "awaiting-aks vmss-cse" },
  { when: "vmssCSE missing", as: { extensions: [] }, verdict: "awaiting-aks vmss-cse" },
  {
    when: "vmssCSE missing, also in the model",
    as: { extensions: [] },
    model: { extensions: [ourEntry()] },
    verdict: "outdated",
  },
  { when: "protected", as: { ...isProtected, ...withExtensions() }, verdict: "protected" },
  {
    when: "its Node not Ready",
    as: withExtensions(),
    node: { ready: "False" },
    verdict: "awaiting-aks node-not-ready",
  },
  { when: "its Node silent", as: withExtensions(), node: { ready: "Unknown" }, verdict: "awaiting-aks node-not-ready" },
  {
    when: "its Node less than 5 minutes old",
    as: withExtensions(),
    node: { createdAt: NOW - 5 * MINUTE + 1 },
    verdict: "awaiting-aks node-not-ready",
  },
  { when: "its Node 5 minutes old", as: withExtensions(), node: { createdAt: NOW - 5 * MINUTE }, verdict: "outdated" },
  { when: "its Node not Ready, but current", node: { ready: "False" }, verdict: "current" },
  { when: "image differs", as: { image: "other", ...withExtensions() }, verdict: "awaiting-aks image-differs" },
  {
    when: "VM size differs",
    as: { sku: "Standard_D8s_v5", ...withExtensions() },
    verdict: "awaiting-aks size-differs",
  },
  { when: "VM size differs only in case", as: { sku: "STANDARD_D4S_V5", ...withExtensions() }, verdict: "outdated" },
  {
    when: "vmssCSE with other settings than in the model",
    as: { extensions: [{ ...cse(), settings: { script: "old" } }] },
    model: { extensions: [aksEntry({ settings: { script: "new" } }), ourEntry()] },
    verdict: "awaiting-aks aks-extension-differs",
  },
  {
    when: "vmssCSE with the settings of the model",
    as: { extensions: [{ ...cse(), settings: { b: 1, a: 2 } }] },
    model: { extensions: [aksEntry({ settings: { a: 2, b: 1 } }), ourEntry()] },
    verdict: "outdated",
  },
  {
    when: "vmssCSE whose settings are not shown",
    as: { extensions: [cse()] },
    model: { extensions: [aksEntry({ settings: { script: "new" } }), ourEntry()] },
    verdict: "outdated",
  },
  {
    when: "an extension of another publisher with other settings",
    as: withExtensions({ ...cse(), name: "monitoring", settings: { a: 1 } }),
    model: { extensions: [aksEntry(), aksEntry({ name: "monitoring", settings: { a: 2 } }), ourEntry()] },
    verdict: "outdated",
  },
  { when: "missing after a successful upgrade", as: withExtensions(), known: upgraded, verdict: "failed no-effect" },
  {
    when: "another marker in its tag after a successful upgrade",
    as: withExtensions(ours({ tag: tag({ marker: OLD_MARKER }) })),
    known: upgraded,
    verdict: "failed no-effect",
  },
  {
    when: "failed after a successful upgrade",
    as: withExtensions(failedExtension),
    known: upgraded,
    verdict: "failed cause-package",
  },
  {
    when: "missing after a successful upgrade to another marker",
    as: withExtensions(),
    known: { ...upgraded, attempts: attempts({ marker: OLD_MARKER, succeeded: true }) },
    verdict: "outdated",
  },
  {
    when: "failed, last attempted with this marker",
    as: withExtensions(failedExtension),
    known: { attempts: attempts() },
    verdict: "failed cause-package",
  },
  {
    when: "failed, provisioned from this marker",
    as: withExtensions(failedExtension),
    known: { marker: undefined, failedMarker: MARKER },
    verdict: "failed cause-package",
  },
  {
    when: "failed, with this marker in its tag",
    as: withExtensions({ ...failedExtension, tag: tag() }),
    known: outdated,
    verdict: "failed cause-package",
  },
  { when: "succeeded, marker unknown", known: { marker: undefined }, verdict: "unknown-package" },
  { when: "missing", as: withExtensions(), verdict: "outdated" },
  {
    when: "failed with another marker",
    as: withExtensions(failedExtension),
    known: { failedMarker: OLD_MARKER },
    verdict: "outdated",
  },
  {
    when: "failed with an unknown marker",
    as: withExtensions(failedExtension),
    known: { failedMarker: undefined },
    verdict: "failed cause-package",
  },
  { when: "succeeded with another marker", known: outdated, verdict: "outdated" },
  {
    when: "succeeded with another marker in its tag",
    as: withExtensions(ours({ tag: tag({ marker: OLD_MARKER }) })),
    verdict: "outdated",
  },
];

describe("an instance", () => {
  test.each(ROWS)("$when: $verdict", ({ verdict, ...c }) => {
    expect(format(classify(c))).toBe(verdict);
  });
});

describe("of two rows that match, the first decides", () => {
  const transitioning = ours({ state: "transitioning", at: NOW - MINUTE });
  const cases: readonly Case[] = [
    {
      when: "deallocated before installing",
      as: { isRunning: false, ...withExtensions(transitioning) },
      verdict: "not-running",
    },
    { when: "agent not ready before current", as: { agentReady: false }, verdict: "unknown" },
    { when: "current before installing", set: upgrading, verdict: "current" },
    { when: "current before vmssCSE", as: { extensions: [cse("failed"), ours()] }, verdict: "current" },
    { when: "current before protected", as: isProtected, verdict: "current" },
    { when: "current before image differs", as: { image: "other" }, verdict: "current" },
    {
      when: "vmssCSE before protected",
      as: { ...isProtected, extensions: [cse("failed")] },
      verdict: "awaiting-aks vmss-cse",
    },
    {
      when: "protected before image differs",
      as: { ...isProtected, image: "other", ...withExtensions() },
      verdict: "protected",
    },
    {
      when: "image differs before no effect",
      as: { image: "other", ...withExtensions() },
      known: upgraded,
      verdict: "awaiting-aks image-differs",
    },
    {
      when: "image differs before failed",
      as: { image: "other", ...withExtensions(failedExtension) },
      known: { failedMarker: MARKER },
      verdict: "awaiting-aks image-differs",
    },
    {
      when: "VM size differs before unknown-package",
      as: { sku: "other" },
      known: { marker: undefined },
      verdict: "awaiting-aks size-differs",
    },
  ];

  test.each(cases)("$when", ({ verdict, ...c }) => {
    expect(format(classify(c))).toBe(verdict);
  });
});

test("without a desired and a known marker, no instance is current or failed", () => {
  expect(format(classify({ marker: null, known: { marker: undefined } }))).toBe("unknown-package");
  expect(format(classify({ marker: null, as: withExtensions(failedExtension) }))).toBe("outdated");
});

test("the marker of an instance is the one that Azure shows, otherwise that in memory", () => {
  const [remembered] = Object.values(known("0"));
  const run = { state: "succeeded", message: "", evidence: undefined, try: undefined } as const;
  expect(carriedMarker({ ...run, marker: OLD_MARKER }, remembered)).toBe(OLD_MARKER);
  expect(carriedMarker({ ...run, marker: undefined }, remembered)).toBe(MARKER);
  expect(carriedMarker({ ...run, marker: undefined }, undefined)).toBeUndefined();
});
