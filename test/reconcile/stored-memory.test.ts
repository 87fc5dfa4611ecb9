import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseEndpointsMemory } from "../../shared/endpoints/memory.ts";
import { planEndpoints } from "../../shared/endpoints/plan.ts";
import { parseExtensionMemory } from "../../shared/extension/memory.ts";
import { planExtension } from "../../shared/extension/plan.ts";
import { recordObservation } from "../../shared/extension/record-observation.ts";
import { breakAndUse } from "../broken-values.ts";
import { desiredEndpoints, publishedWorld } from "../build-nodes.ts";
import { CLUSTER_ID, desired, observed, scaleSet, SET_ID } from "../build.ts";
import { seed } from "../seed.ts";

/** Memories that an earlier version stored: they load for ever, or the number in their name is raised. */
function golden(flow: string): unknown {
  const file = new URL(`../fixtures/state/memory-${flow}.schema-1.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Fields of earlier versions that later ones do not need. */
const RETIRED = new Set(["provenMarker", "lastBatch"]);

/** The same for a scale set of the plain test world. */
function ofThisWorld(): unknown {
  const stored = parseExtensionMemory(golden("extension"));
  const [first] = Object.values(stored?.scaleSets ?? {});
  return JSON.parse(JSON.stringify({ ...stored, scaleSets: { [SET_ID]: first } }));
}

describe("a stored memory of schema 1", () => {
  test("of the extension flow loads whole", () => {
    const memory = parseExtensionMemory(golden("extension"));
    // Later versions add fields, which have a value for a memory without them, and no longer read two.
    const text = JSON.stringify(golden("extension"), (key, value: unknown) => (RETIRED.has(key) ? undefined : value));
    expect(JSON.parse(JSON.stringify(memory))).toMatchObject({
      ...Object(JSON.parse(text)),
      package: { hash: memory?.package?.hash, arguments: memory?.package?.arguments },
    });
    expect(Object.values(memory?.scaleSets ?? {}).map((each) => each.operation?.kind)).toEqual([
      "upgrade-instances",
      "upgrade-instances",
    ]);
  });

  test("of the endpoints flow loads whole", () => {
    // Earlier builds kept the text of one conflict, which the next pass finds again.
    const { conflict: _, ...known } = Object(golden("endpoints"));
    expect(parseEndpointsMemory(golden("endpoints"))).toMatchObject(known);
  });
});

describe("a memory with any value in it removed or replaced by any JSON", () => {
  test("of the extension flow is lost, or the flow plans with it", () => {
    const world = observed({ scaleSets: [scaleSet()] });
    const seen = breakAndUse(ofThisWorld(), (stored) => {
      const memory = parseExtensionMemory(stored);
      return memory && planExtension(CLUSTER_ID, desired(), world, recordObservation(memory, world, desired()));
    });
    expect(seen.lost).toBeGreaterThan(500);
    expect(seen.kept).toBeGreaterThan(100);
  });

  test("of the endpoints flow is lost, or the flow plans with it", () => {
    const seen = breakAndUse(golden("endpoints"), (stored) => {
      const memory = parseEndpointsMemory(stored);
      return memory && planEndpoints(CLUSTER_ID, desiredEndpoints(), publishedWorld([1, 2]), memory);
    });
    expect(seen.lost).toBeGreaterThan(500);
    expect(seen.kept).toBeGreaterThan(100);
  });
});

test.each(["since", "scaleSets"])("a memory with a list as %s is lost", (field) => {
  expect(parseExtensionMemory({ ...Object(golden("extension")), [field]: [] })).toBeUndefined();
});

test("a package's argument of any name is kept", () => {
  const stored = Object(golden("extension"));
  const args = { ...stored.package.arguments, constructor: 1 };
  const memory = parseExtensionMemory({ ...stored, package: { ...stored.package, arguments: args } });
  expect(memory?.package?.arguments).toEqual(args);
});

test("any JSON is lost or a memory, and never an error", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect([parseExtensionMemory(value), parseEndpointsMemory(value)]).toEqual([undefined, undefined]);
    }),
    { numRuns: 500, seed },
  );
});
