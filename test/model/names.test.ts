import { describe, expect, test } from "vitest";
import { parseEndpointsMemory } from "../../shared/endpoints/memory.ts";
import { parseNodeName } from "../../shared/model/ids.ts";
import { byId, count, parserOf } from "../../shared/model/schema.ts";
import { type Finding, sinceOf, toVerdicts } from "../../shared/model/verdict.ts";
import { exporterStatus, node } from "../build-nodes.ts";
import { NOW } from "../build.ts";
import { plan } from "../endpoints/planned.ts";

/** Names that every JavaScript object has a property of, or that set its prototype. */
const NAMES = ["constructor", "__proto__", "prototype", "toString", "hasOwnProperty"];

test("stored values of any id are read whole", () => {
  const text = `{${NAMES.map((name, index) => `"${name}":${index}`).join(",")}}`;
  expect(JSON.stringify(parserOf(byId(count))(JSON.parse(text)))).toBe(text);
});

test("a stored value of any id is checked", () => {
  for (const name of NAMES) expect(parserOf(byId(count))(JSON.parse(`{"${name}":-1}`))).toBeUndefined();
});

describe.each(NAMES)("a node with the name %s", (text) => {
  const name = parseNodeName(text);
  const finding: Finding = { subject: { kind: "node", node: name }, state: "published" };

  test("has a verdict that is as old as its first pass, also after memory was stored", () => {
    const before = toVerdicts([finding], {}, NOW);
    expect(before).toEqual([{ ...finding, since: NOW }]);
    const stored = { schema: 1, startedAt: NOW, requeueAt: NOW, failures: 0, since: sinceOf(before) };
    const memory = parseEndpointsMemory(JSON.parse(JSON.stringify(stored)));
    expect(toVerdicts([finding], memory?.since ?? {}, NOW + 1)).toEqual(before);
  });

  test("is published as proven only by its own exporter", () => {
    const nodes = [node(1, { name })];
    const known = (key: string) => ({
      listedAt: NOW,
      passedAt: NOW,
      nodes: new Map([[key, exporterStatus(1, { node: name })]]),
    });
    const readyOf = (key: string) =>
      plan({
        observed: { nodes, exporters: known(key), slices: [], endpoints: undefined },
      }).actions.flatMap((action) => ("slice" in action ? action.slice.endpoints.map(({ ready }) => ready) : []));
    expect(readyOf(name)).toEqual([true]);
    expect(readyOf("another")).toEqual([false]);
  });
});
