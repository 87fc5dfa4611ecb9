import { expect, test } from "vitest";
import { nodeFactsIn, parseEndpointsMemory } from "../../shared/endpoints/memory.ts";
import { toNodeFacts } from "../../shared/endpoints/node-facts.ts";
import { freshFacts } from "../../shared/model/node.ts";
import { endpointsMemory, node, nodeName } from "../build-nodes.ts";
import { DAY, MINUTE, nodeFacts, NOW } from "../build.ts";

test("the facts of nodes survive their memory, whatever the names of nodes", () => {
  const hostile = node(2, { name: "constructor" as ReturnType<typeof nodeName>, bootId: undefined, ready: "Unknown" });
  const memory = endpointsMemory({ nodeFacts: toNodeFacts([node(1), hostile], NOW) });
  const read = nodeFactsIn(parseEndpointsMemory(JSON.parse(JSON.stringify(memory))) ?? endpointsMemory());
  const ready = { bootId: "7", createdAt: NOW - DAY, ready: "True", readySince: NOW - DAY };
  expect(read?.seenAt).toBe(NOW);
  expect(read?.nodes.get(nodeName(1))).toEqual({ uid: "uid-1", ...ready, bootId: "boot-1" });
  expect(read?.nodes.get("constructor")).toEqual({ ...ready, uid: "uid-2", bootId: undefined, ready: "Unknown" });
});

test("before the endpoints flow has listed the nodes there are none", () => {
  expect(nodeFactsIn(endpointsMemory())).toBeUndefined();
});

test.each([
  { when: "15 minutes old", seenAt: NOW - 15 * MINUTE, isFresh: true },
  { when: "older", seenAt: NOW - 15 * MINUTE - 1, isFresh: false },
])("facts that are $when: used $isFresh", ({ seenAt, isFresh }) => {
  expect(freshFacts(nodeFacts({}, seenAt), NOW) !== undefined).toBe(isFresh);
});
