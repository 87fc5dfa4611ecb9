import { describe, expect, test } from "vitest";
import type { BatchMember, BatchMemory } from "../../shared/extension/batch-memory.ts";
import type { ScaleSetMemory } from "../../shared/extension/memory.ts";
import { recordBatch } from "../../shared/extension/record-batch.ts";
import type { NodeFact, NodeFacts } from "../../shared/model/node.ts";
import type { ScaleSet } from "../../shared/model/scale-set.ts";
import { cse, HOUR, instance, MARKER, MINUTE, nodeFacts, NOW, operation, ours, scaleSet, setMemory } from "../build.ts";

const SUBMITTED = NOW - HOUR;
const ENDED = NOW - 20 * MINUTE;
const [first, second] = [instance("0"), instance("1")];
const BEFORE = nodeFacts({ [first.node]: {} }).nodes.get(first.node);

function member(node: BatchMember["node"], vmId: string): BatchMember {
  return { vmId, node, before: BEFORE, result: undefined };
}

function batch(over: Partial<BatchMemory> = {}): BatchMemory {
  const open = { marker: MARKER, submittedAt: SUBMITTED, isAccepted: true, endedAt: ENDED, isEndKnown: true };
  return { ...open, members: [member(first.node, "vm-0")], ...over };
}

interface Case {
  readonly when: string;
  readonly batch?: Partial<BatchMemory>;
  readonly known?: Partial<ScaleSetMemory>;
  readonly set?: Partial<ScaleSet>;
  /** The Node after the upgrade, over one that has long been Ready; `null`: the cluster has none of that name. */
  readonly node?: Partial<NodeFact> | null;
  readonly other?: Partial<NodeFact>;
  /** When the nodes were seen; `never`: there are no recent facts. */
  readonly seenAt?: number | "never";
  readonly result: "unharmed" | "harmed" | "closed" | "open";
}

const lately = { endedAt: NOW - 14 * MINUTE };
const interrupted = { readySince: SUBMITTED + 1 };
const bootstrapped = { instances: [instance("0", { extensions: [ours({ name: "vmssCSE", at: SUBMITTED + 1 })] })] };

const CASES: readonly Case[] = [
  { when: "the same boot, Ready since before the submission", result: "unharmed" },
  { when: "its facts are from 3 minutes after the end", seenAt: ENDED + 3 * MINUTE, result: "open" },
  { when: "its facts are later", seenAt: ENDED + 3 * MINUTE + 1, result: "unharmed" },
  {
    when: "it is one of two, and its facts are later than the end",
    batch: { members: [member(first.node, "vm-0"), member(second.node, "vm-1")] },
    seenAt: ENDED + 1,
    result: "unharmed",
  },
  { when: "the operation has not ended", batch: { endedAt: undefined }, result: "open" },
  { when: "it is not listed any more", set: { instances: [second] }, result: "closed" },
  { when: "it is deallocated", set: { instances: [instance("0", { isRunning: false })] }, result: "closed" },
  {
    when: "it is being deleted",
    set: { instances: [instance("0", { provisioningState: "Deleting" })] },
    result: "closed",
  },
  { when: "AKS has worked on the pool since", known: { aksWorkedAt: SUBMITTED + 1 }, result: "closed" },
  { when: "AKS worked on the pool before", known: { aksWorkedAt: SUBMITTED }, result: "unharmed" },
  { when: "another boot", node: { bootId: "8" }, result: "harmed" },
  { when: "another Node of the same name", node: { uid: "new", createdAt: SUBMITTED + 1 }, result: "harmed" },
  { when: "a Ready that was interrupted", node: interrupted, result: "harmed" },
  { when: "not Ready for 14 minutes", batch: lately, node: { ready: "False", ...interrupted }, result: "open" },
  { when: "not Ready 15 minutes after the end", node: { ready: "Unknown", ...interrupted }, result: "harmed" },
  { when: "not Ready since before the submission", node: { ready: "False" }, result: "closed" },
  {
    when: "interrupted, as a Node outside the batch",
    batch: lately,
    node: interrupted,
    other: interrupted,
    result: "open",
  },
  { when: "the same, 15 minutes after the end", node: interrupted, other: interrupted, result: "closed" },
  {
    when: "interrupted, and another Node has joined since",
    node: interrupted,
    other: { createdAt: SUBMITTED + 1, ...interrupted },
    result: "harmed",
  },
  { when: "no facts, 4 minutes after the end", batch: { endedAt: NOW - 4 * MINUTE }, seenAt: "never", result: "open" },
  { when: "no facts, 5 minutes after the end", seenAt: "never", result: "unharmed" },
  { when: "no facts, and vmssCSE has run since", set: bootstrapped, seenAt: "never", result: "harmed" },
  { when: "facts, but none of its Node, and vmssCSE has run since", set: bootstrapped, node: null, result: "harmed" },
  { when: "it is not known how the operation ended", batch: { isEndKnown: false }, result: "closed" },
];

describe("an upgraded node", () => {
  test.each(CASES)("$when: $result", (c) => {
    const after = judged(c);
    expect(after.harm?.nodes ?? []).toEqual(c.result === "harmed" ? [first.node] : []);
    expect(after.unharmedAt).toBe(c.result === "unharmed" ? SUBMITTED : undefined);
    expect(after.batch !== undefined).toBe(c.result === "open");
  });

  test("keeps its result, whatever happens to it later", () => {
    const pair = batch({ members: [member(first.node, "vm-0"), member(second.node, "vm-1")] });
    const slow = nodeFacts({ [first.node]: {}, [second.node]: { ready: "False", ...interrupted } }, NOW);
    const set = scaleSet({ instances: [first, second] });
    const once = recordBatch(setMemory({ batch: { ...pair, ...lately } }), { scaleSet: set, nodes: slow, now: NOW });
    const later = nodeFacts({ [first.node]: { bootId: "8" }, [second.node]: {} }, NOW + MINUTE);
    const twice = recordBatch(once, { scaleSet: set, nodes: later, now: NOW + MINUTE });
    expect(once.batch?.members.map(({ result }) => result)).toEqual(["unharmed", undefined]);
    expect(twice).toMatchObject({ batch: undefined, harm: undefined, unharmedAt: SUBMITTED });
  });
});

const running = { batch: batch({ endedAt: undefined, isEndKnown: false }) };

describe("the end of a batch", () => {
  test.each([
    { state: "succeeded", isEndKnown: true },
    { state: "failed", isEndKnown: true },
    { state: "unknown", isEndKnown: false },
  ] as const)("is that of its operation, and known if that $state: $isEndKnown", ({ state, isEndKnown }) => {
    const ended = operation({ kind: "upgrade-instances", state, endedAt: NOW - MINUTE });
    expect(end({ ...running, operation: ended })).toMatchObject({ endedAt: NOW - MINUTE, isEndKnown });
  });

  test("of which no answer is known is when the scale set is at rest, a minute later", () => {
    expect(end(unanswered(MINUTE))).toMatchObject({ endedAt: NOW, isEndKnown: false });
    expect(end(unanswered(MINUTE - 1))?.endedAt).toBeUndefined();
    expect(end(unanswered(HOUR), { provisioningState: "Updating" })?.endedAt).toBeUndefined();
  });
});

test.each([
  { when: "the same image and version", set: {}, known: { poolVersion: "1.35.4" }, lasts: true },
  { when: "another image", set: { image: "windows:20348.4000" }, known: { poolVersion: "1.35.4" }, lasts: false },
  { when: "another version", set: {}, known: { poolVersion: "1.36.0" }, lasts: false },
  { when: "an image that cannot be read", set: { image: undefined }, known: {}, lasts: true },
])("harm lasts with $when: $lasts", ({ set, known, lasts }) => {
  const harm = { marker: MARKER, since: NOW, nodes: [first.node], image: "windows:20348.3000", version: "1.35.4" };
  const after = recordBatch(setMemory({ harm, ...known }), { scaleSet: scaleSet(set), nodes: undefined, now: NOW });
  expect(after.harm !== undefined).toBe(lasts);
});

function end(known: Partial<ScaleSetMemory>, set: Partial<ScaleSet> = {}): BatchMemory | undefined {
  return recordBatch(setMemory(known), { scaleSet: scaleSet(set), nodes: undefined, now: NOW }).batch;
}

function unanswered(ago: number): Partial<ScaleSetMemory> {
  return { batch: { ...running.batch, isAccepted: false, submittedAt: NOW - ago } };
}

function judged(c: Case): ScaleSetMemory {
  const set = scaleSet({ instances: [instance("0", { extensions: [cse()] })], ...c.set });
  return recordBatch(setMemory({ batch: batch(c.batch), ...c.known }), { scaleSet: set, nodes: factsOf(c), now: NOW });
}

function factsOf({ node = {}, other, seenAt = NOW }: Case): NodeFacts | undefined {
  if (seenAt === "never") return undefined;
  return nodeFacts({ ...(node && { [first.node]: node }), ...(other && { akslinux000001: other }) }, seenAt);
}
