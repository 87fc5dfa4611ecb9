import { expect, test } from "vitest";
import { CallError } from "../../shared/clients/errors.ts";
import { SLICE_NAMES } from "../../shared/model/slice.ts";
import { readManifests } from "../manifests.ts";
import type { ClusterAdmin, KubeObject } from "./cluster-admin.ts";
import { APP_OID, desired, noAbort, type InCluster, open, serviceUid, slice } from "./kube-fixture.ts";

interface Rule {
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const isRole = ({ kind }: KubeObject): boolean => kind === "Role" || kind === "ClusterRole";
const rulesOf = (role: KubeObject): readonly Rule[] => role["rules"] as readonly Rule[];
const ROLES = readManifests(APP_OID).filter(isRole);

/** Each role without one of its verbs or one of its rules. */
const REDUCED_ROLES = ROLES.flatMap((role) =>
  rulesOf(role).flatMap((rule, index) => {
    const others = rulesOf(role).toSpliced(index, 1);
    const what = rule.resources.join();
    // The API server rejects a rule without verbs; the case of a removed rule covers it.
    const reducible = rule.verbs.length > 1 ? rule.verbs : [];
    const verbs = reducible.map((verb) => ({
      what: `${verb} on ${what}`,
      role: { ...role, rules: [...others, { ...rule, verbs: rule.verbs.filter((other) => other !== verb) }] },
    }));
    return [...verbs, { what: `the rule for ${what} (${rule.verbs.join(", ")})`, role: { ...role, rules: others } }];
  }),
);

/** Tests that the app's roles have all permissions that it needs, and no others. */
export function describeRoles(inCluster: InCluster): void {
  test("the roles of the manifests allow every call of the client", async () => {
    const { admin } = inCluster();
    expect(await deniedCalls(admin)).toStrictEqual([]);
  });

  test("the roles name the slices that the app can write", () => {
    const names = ROLES.flatMap(rulesOf).filter(({ resources }) => resources.includes("endpointslices"));
    expect(names.flatMap(({ resourceNames = [] }) => resourceNames)).toStrictEqual(SLICE_NAMES);
    expect(ROLES.flatMap(rulesOf).flatMap(({ verbs }) => verbs)).not.toContain("update");
  });

  test.each(REDUCED_ROLES)("the client needs $what", async ({ role }) => {
    const { admin } = inCluster();
    expect(await deniedCalls(admin)).toStrictEqual([]);
    await admin.apply(role);
    // A real API server reads roles from a cache that lags by some milliseconds.
    const explained = expect.stringMatching(/lacks the verb \w+ on \w+\. Apply the manifests with its object ID/);
    await expect.poll(() => deniedCalls(admin), { timeout: 20_000 }).toContainEqual(explained);
  });

  test("the roles of the manifests do not allow writes of other objects", async () => {
    const { admin } = inCluster();
    const kube = await open(admin);
    const other = slice(await serviceUid(kube), { name: "by-hand" });
    await expect(kube.applySlice(other, noAbort())).rejects.toMatchObject({ fault: "denied", code: "Forbidden" });
    await expect(kube.deleteSlice("by-hand", "1", noAbort())).rejects.toMatchObject({ fault: "denied" });
  });
}

/** Makes each call of the client, and returns the messages of the denied ones. */
async function deniedCalls(admin: ClusterAdmin): Promise<readonly string[]> {
  await admin.delete("Endpoints", "windows-exporter");
  await admin.delete("EndpointSlice", "windows-exporter-63");
  const uid = (await admin.get("Service", "windows-exporter"))?.metadata.uid ?? "";
  const kube = await open(admin);
  const signal = noAbort();
  const last = slice(uid, { name: "windows-exporter-63" });
  const denied: string[] = [];
  const calls: readonly (() => Promise<unknown>)[] = [
    () => kube.readService(signal),
    () => kube.listWindowsNodes(signal),
    () => kube.applyEndpoints(desired(), signal),
    () => kube.applyEndpoints(desired({ endpoints: [] }), signal),
    () => kube.readEndpoints(signal),
    async () => kube.deleteEndpoints(await versionOf(admin, "Endpoints", "windows-exporter"), signal),
    () => kube.applySlice(last, signal),
    async () => {
      const resourceVersion = await versionOf(admin, "EndpointSlice", last.name);
      await kube.applySlice({ ...last, resourceVersion }, signal);
    },
    () => kube.listSlices(signal),
    async () =>
      kube.deleteSlice("windows-exporter-63", await versionOf(admin, "EndpointSlice", "windows-exporter-63"), signal),
  ];
  for (const call of calls) {
    try {
      await call();
    } catch (error) {
      if (!(error instanceof CallError) || error.fault !== "denied") throw error;
      denied.push(error.message);
    }
  }
  return denied;
}

async function versionOf(admin: ClusterAdmin, kind: "Endpoints" | "EndpointSlice", name: string): Promise<string> {
  return (await admin.get(kind, name))?.metadata.resourceVersion ?? "1";
}
