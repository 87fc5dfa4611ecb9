import { describe, expect, test } from "vitest";
import { grantsOf } from "../deployed/deployment.ts";
import { runtimeValues } from "../deployed/runtime-values.ts";
import { readSnapshot, type Resource, SNAPSHOTS } from "../deployed/snapshot.ts";

const values = runtimeValues({ oid: "app", clientId: "client", blobsOf: (name) => name });
const byId = (resources: readonly Resource[]): Readonly<Record<string, Resource>> =>
  Object.fromEntries(resources.map((each) => [each.id.toLowerCase(), each]));

describe.each([...SNAPSHOTS, "first-stage"] as const)("the resources of %s", (name) => {
  const snapshot = readSnapshot(name);

  test("have unique IDs: two with the same ID would overwrite each other", () => {
    const ids = snapshot.predictedResources.map(({ id }) => id.toLowerCase());
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  test("have IDs that are known before the deployment, except those with the storage domain of the cloud", () => {
    const open = snapshot.predictedResources.filter(({ id }) => id.startsWith("["));
    expect(open.filter(({ id }) => !id.includes("environment().suffixes.storage"))).toEqual([]);
    expect(snapshot.predictedResources.filter(({ id }) => id.includes("deployment("))).toEqual([]);
  });

  test("have an assignee in each role assignment", () => {
    expect(grantsOf(snapshot, values).filter(({ principalId }) => principalId === "")).toEqual([]);
  });
});

test("the second stage adds only the event subscriptions", () => {
  const first = byId(readSnapshot("first-stage").predictedResources);
  const second = byId(readSnapshot("sandbox").predictedResources);
  const added = Object.entries(second).filter(([id]) => !first[id]);
  expect(added.map(([, { type }]) => type)).toEqual(
    added.map(() => "Microsoft.EventGrid/systemTopics/eventSubscriptions"),
  );
  expect(added.length).toBeGreaterThan(1);
  expect({ ...first, ...Object.fromEntries(added) }).toEqual(second);
});
