import { describe, expect, test } from "vitest";
import { carriedMarker, classifyInstance, failureCause } from "../../shared/extension/instances.ts";
import type { InstanceMemory, ScaleSetMemory } from "../../shared/extension/memory.ts";
import type { Instance, InstanceExtension, ScaleSetModel } from "../../shared/model/scale-set.ts";
import {
  attempts,
  cse,
  instance,
  known,
  MARKER,
  MINUTE,
  NOW,
  OLD_MARKER,
  operation,
  ourEntry,
  ours,
  scaleSet,
  setMemory,
  tag,
} from "../build.ts";

interface Case {
  readonly when: string;
  readonly as?: Partial<Instance>;
  readonly known?: Partial<InstanceMemory>;
  readonly set?: Partial<ScaleSetMemory>;
  readonly model?: Partial<ScaleSetModel>;
  /** `null`: none is wanted. */
  readonly marker?: null;
  readonly verdict: string;
}

function judge(c: Omit<Case, "when" | "verdict">): ReturnType<typeof classifyInstance> {
  const memory = setMemory({ instances: known("0", c.known), ...c.set });
  const marker = c.marker === null ? undefined : MARKER;
  return classifyInstance(instance("0", c.as), { marker, model: scaleSet(c.model), memory, now: NOW });
}

/** With vmssCSE succeeded beside it. */
function showing(...extensions: readonly InstanceExtension[]): Partial<Instance> {
  return { extensions: [cse(), ...extensions] };
}

const failing = ours({ state: "failed", message: "the MSI ended with 1603" });
const named = { operation: operation({ kind: "upgrade-instances", instances: ["vm-0"] }) };
const upgraded = { marker: undefined, hadExtension: false, attempts: attempts({ succeeded: true }) };
const protectedOne = { protectedFromScaleSetActions: true };
const outdated = { marker: OLD_MARKER };

const ROWS: readonly Case[] = [
  { when: "deallocated", as: { isRunning: false }, verdict: "unknown" },
  { when: "being deleted", as: { provisioningState: "Deleting" }, verdict: "unknown" },
  { when: "its agent silent", as: { agentReady: false }, verdict: "unknown" },
  { when: "Creating, no view of ours", as: { provisioningState: "Creating", ...showing() }, verdict: "unknown" },
  { when: "Updating, no view of ours", as: { provisioningState: "Updating", ...showing() }, verdict: "unknown" },
  { when: "Failed, nothing of it ours", as: { provisioningState: "Failed" }, verdict: "unknown" },
  {
    when: "Failed by ours and by vmssCSE",
    as: { provisioningState: "Failed", extensions: [cse("failed"), failing] },
    verdict: "unknown",
  },
  {
    when: "Failed by ours alone",
    as: { provisioningState: "Failed", ...showing(failing) },
    known: { failedMarker: MARKER },
    verdict: "failed cause-package",
  },
  { when: "transitioning", as: showing(ours({ state: "transitioning", at: NOW - MINUTE })), verdict: "installing" },
  { when: "named by our operation", as: showing(), set: named, verdict: "installing" },
  {
    when: "Updating and named by our operation",
    as: { provisioningState: "Updating", ...showing() },
    set: named,
    verdict: "installing",
  },
  {
    when: "named by an operation that ended",
    as: showing(),
    set: { operation: { ...named.operation, state: "succeeded" } },
    verdict: "outdated",
  },
  {
    when: "transitioning for 32 minutes",
    as: showing(ours({ state: "transitioning", at: NOW - 32 * MINUTE })),
    verdict: "installing",
  },
  {
    when: "transitioning for longer",
    as: showing(ours({ state: "transitioning", at: NOW - 32 * MINUTE - 1 })),
    verdict: "stuck",
  },
  {
    when: "named for longer than 32 minutes",
    set: { operation: { ...named.operation, submittedAt: NOW - 33 * MINUTE } },
    verdict: "stuck",
  },
  { when: "succeeded with the wanted marker by memory", verdict: "current" },
  { when: "its own tag says so, memory not", as: showing(ours({ tag: tag() })), known: outdated, verdict: "current" },
  { when: "vmssCSE transitioning", as: { extensions: [cse("transitioning")] }, verdict: "awaiting-aks vmss-cse" },
  { when: "vmssCSE failed", as: { extensions: [cse("failed")] }, verdict: "awaiting-aks vmss-cse" },
  { when: "vmssCSE missing", as: { extensions: [] }, verdict: "awaiting-aks vmss-cse" },
  {
    when: "vmssCSE missing, and not in the model",
    as: { extensions: [] },
    model: { extensions: [ourEntry()] },
    verdict: "outdated",
  },
  { when: "protected", as: { ...protectedOne, ...showing() }, verdict: "protected" },
  { when: "of another image", as: { image: "other", ...showing() }, verdict: "awaiting-aks image-differs" },
  { when: "of another size", as: { sku: "Standard_D8s_v5", ...showing() }, verdict: "awaiting-aks sku-differs" },
  { when: "of the same size in capitals", as: { sku: "STANDARD_D4S_V5", ...showing() }, verdict: "outdated" },
  { when: "missing after an upgrade that succeeded", as: showing(), known: upgraded, verdict: "no-effect" },
  {
    when: "missing after an upgrade to another marker",
    as: showing(),
    known: { ...upgraded, attempts: attempts({ marker: OLD_MARKER, succeeded: true }) },
    verdict: "outdated",
  },
  {
    when: "failed, last attempted with this marker",
    as: showing(failing),
    known: { attempts: attempts() },
    verdict: "failed cause-package",
  },
  {
    when: "failed, provisioned from this marker",
    as: showing(failing),
    known: { marker: undefined, failedMarker: MARKER },
    verdict: "failed cause-package",
  },
  {
    when: "failed, its tag shows this marker",
    as: showing({ ...failing, tag: tag() }),
    known: outdated,
    verdict: "failed cause-package",
  },
  { when: "succeeded, marker unknown", known: { marker: undefined }, verdict: "unproven" },
  { when: "missing", as: showing(), verdict: "outdated" },
  { when: "failed under another", as: showing(failing), known: { failedMarker: OLD_MARKER }, verdict: "outdated" },
  {
    when: "failed under an unknown one",
    as: showing(failing),
    known: { failedMarker: undefined },
    verdict: "outdated",
  },
  { when: "with another marker", known: outdated, verdict: "outdated" },
  { when: "with another tag", as: showing(ours({ tag: tag({ marker: OLD_MARKER }) })), verdict: "outdated" },
];

describe("an instance, row by row", () => {
  test.each(ROWS)("$when: $verdict", ({ verdict, ...c }) => {
    expect(words(judge(c))).toBe(verdict);
  });
});

describe("of two rows that fit, the first", () => {
  const transitioning = ours({ state: "transitioning", at: NOW - MINUTE });
  const cases: readonly Case[] = [
    { when: "deallocated before installing", as: { isRunning: false, ...showing(transitioning) }, verdict: "unknown" },
    { when: "silent before current", as: { agentReady: false }, verdict: "unknown" },
    { when: "installing before current", set: named, verdict: "installing" },
    { when: "current before vmssCSE", as: { extensions: [cse("failed"), ours()] }, verdict: "current" },
    { when: "current before protected", as: protectedOne, verdict: "current" },
    { when: "current before another image", as: { image: "other" }, verdict: "current" },
    {
      when: "vmssCSE before protected",
      as: { ...protectedOne, extensions: [cse("failed")] },
      verdict: "awaiting-aks vmss-cse",
    },
    {
      when: "protected before another image",
      as: { ...protectedOne, image: "other", ...showing() },
      verdict: "protected",
    },
    {
      when: "another image before no effect",
      as: { image: "other", ...showing() },
      known: upgraded,
      verdict: "awaiting-aks image-differs",
    },
    {
      when: "another image before failed",
      as: { image: "other", ...showing(failing) },
      known: { failedMarker: MARKER },
      verdict: "awaiting-aks image-differs",
    },
    {
      when: "another size before unproven",
      as: { sku: "other" },
      known: { marker: undefined },
      verdict: "awaiting-aks sku-differs",
    },
  ];

  test.each(cases)("$when", ({ verdict, ...c }) => {
    expect(words(judge(c))).toBe(verdict);
  });
});

test("while none is wanted and nothing is known, no instance is current or failed", () => {
  expect(words(judge({ marker: null, known: { marker: undefined } }))).toBe("unproven");
  expect(words(judge({ marker: null, as: showing(failing) }))).toBe("outdated");
});

test("what an instance carries is what ARM shows, else what memory saw", () => {
  const [remembered] = Object.values(known("0"));
  expect(carriedMarker(ours({ tag: tag({ marker: OLD_MARKER }) }), remembered)).toBe(OLD_MARKER);
  expect(carriedMarker(ours(), remembered)).toBe(MARKER);
  expect(carriedMarker(ours(), undefined)).toBeUndefined();
});

test.each([
  {
    message: "The DSC Extension failed to execute: Error downloading https://x/y.zip after 17 attempts",
    cause: "download",
  },
  { message: "VM Extension 'a' depends upon the VM Extension 'vmssCSE', which failed", cause: "dependency" },
  { message: "Provisioning of VM extension timed out", cause: "agent" },
  { message: "VMExtensionProvisioningTimeout", cause: "agent" },
  { message: "The VM agent is not reporting", cause: "agent" },
  { message: "Handler Microsoft.Powershell.DSC did not report a status", cause: "agent" },
  { message: "PowerShell DSC resource MSFT_MsiPackage failed: the MSI ended with 1603", cause: "package" },
])("the cause of '$message' is $cause", ({ message, cause }) => {
  expect(failureCause(message)).toBe(cause);
});

function words({ state, reason }: ReturnType<typeof classifyInstance>): string {
  return reason ? `${state} ${reason}` : state;
}
