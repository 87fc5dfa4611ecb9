import { describe, expect, test } from "vitest";
import { flowsForNewNodes, recordNewNodes } from "../../shared/endpoints/new-nodes.ts";
import type { WindowsNode } from "../../shared/model/node.ts";
import { desiredEndpoints, endpointsMemory, exporterStatuses, node, publishedWorld } from "../build-nodes.ts";
import { forPools, HOUR, MINUTE, NOW } from "../build.ts";

const PASSED_AT = NOW - 10 * MINUTE;
const AFTER = { createdAt: PASSED_AT + 1 };

interface Case {
  readonly when: string;
  readonly nodes: readonly WindowsNode[];
  readonly known?: readonly string[];
  readonly sources?: Parameters<typeof forPools>[0];
  readonly requested: readonly string[];
}

const uid = (id: number): string => node(id).uid;

const CASES: readonly Case[] = [
  { when: "the Node was created after the last pass began", nodes: [node(1, AFTER)], requested: [uid(1)] },
  { when: "it was created before", nodes: [node(1, { createdAt: PASSED_AT })], requested: [] },
  { when: "it is being deleted", nodes: [node(1, { ...AFTER, isDeleting: true })], requested: [] },
  { when: "a pass was requested for it before", nodes: [node(1, AFTER)], known: [uid(1)], requested: [] },
  { when: "a second one is new", nodes: [node(1, AFTER), node(2, AFTER)], known: [uid(1)], requested: [uid(2)] },
  {
    when: "its name is the same, but its machine is new",
    nodes: [node(1, AFTER)],
    known: ["old"],
    requested: [uid(1)],
  },
  {
    when: "its pool is installed by others",
    nodes: [node(1, AFTER)],
    sources: { sources: { win1: "external" } },
    requested: [],
  },
];

describe("a pass of the extension flow is requested", () => {
  test.each(CASES)("$when: $requested", ({ nodes, known = [], sources = {}, requested }) => {
    const before = endpointsMemory({ requestedFor: [...known] });
    const exporters = exporterStatuses([], PASSED_AT);
    const world = publishedWorld([], { nodes, exporters });
    const after = recordNewNodes(before, world, desiredEndpoints(forPools(sources)));
    expect(after.requestedFor.filter((each) => !known.includes(each))).toEqual(requested);
    expect(flowsForNewNodes(before, after)).toEqual(requested.length > 0 ? ["extension"] : []);
  });

  test("not before the extension flow has run: its first pass is due anyway", () => {
    const world = publishedWorld([], { nodes: [node(1, { createdAt: NOW - HOUR })], exporters: undefined });
    expect(recordNewNodes(endpointsMemory({}), world, desiredEndpoints()).requestedFor).toEqual([]);
  });

  test("memory keeps the uids of existing Nodes only", () => {
    const world = publishedWorld([], { nodes: [node(2, AFTER)], exporters: exporterStatuses([], PASSED_AT) });
    const after = recordNewNodes(endpointsMemory({ requestedFor: [uid(1), uid(2)] }), world, desiredEndpoints());
    expect(after.requestedFor).toEqual([uid(2)]);
  });
});
