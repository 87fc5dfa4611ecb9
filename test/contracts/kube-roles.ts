import { expect, test } from "vitest";
import { CallError } from "../../shared/clients/errors.ts";
import { SLICE_NAMES } from "../../shared/model/slice.ts";
import { readManifests } from "../manifests.ts";
import type { ClusterAdmin, KubeObject } from "./cluster-admin.ts";
import { APP_OID, desired, goOn, type InCluster, open, serviceUid, slice } from "./kube-fixture.ts";

interface Rule {
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const isRole = ({ kind }: KubeObject): boolean => kind === "Role" || kind === "ClusterRole";
const rulesOf = (role: KubeObject): readonly Rule[] => role["rules"] as readonly Rule[];
const ROLES = readManifests(APP_OID).filter(isRole);

/** Every role without one of its verbs, and without one of its rules. */
const LESS = ROLES.flatMap((role) =>
  rulesOf(role).flatMap((rule, index) => {
    const others = rulesOf(role).toSpliced(index, 1);
    const what = rule.resources.join();
    // A rule without any verb is refused by the API server; that one is the rule left out.
    const lesser = rule.verbs.length > 1 ? rule.verbs : [];
    const verbs = lesser.map((verb) => ({
      what: `${verb} on ${what}`,
      role: { ...role, rules: [...others, { ...rule, verbs: rule.verbs.filter((other) => other !== verb) }] },
    }));
    return [...verbs, { what: `the rule for ${what} (${rule.verbs.join(", ")})`, role: { ...role, rules: others } }];
  }),
);

/** Our roles are enough, and nothing in them is too much. */
export function describeRoles(inCluster: InCluster): void {
  test("of the manifests are enough for every verb of the port", async () => {
    const { admin } = inCluster();
    expect(await deniedCalls(admin)).toStrictEqual([]);
  });

  test("name the slices that the app may write", () => {
    const names = ROLES.flatMap(rulesOf).filter(({ resources }) => resources.includes("endpointslices"));
    expect(names.flatMap(({ resourceNames = [] }) => resourceNames)).toStrictEqual(SLICE_NAMES);
    expect(ROLES.flatMap(rulesOf).flatMap(({ verbs }) => verbs)).not.toContain("update");
  });

  test.each(LESS)("without $what are not enough", async ({ role }) => {
    const { admin } = inCluster();
    expect(await deniedCalls(admin)).toStrictEqual([]);
    await admin.apply(role);
    // A real server looks at its roles through a cache that is some milliseconds behind.
    const explained = expect.stringMatching(/lacks the verb \w+ on \w+\. Set its object ID in infra\/kubernetes\/base/);
    await expect.poll(() => deniedCalls(admin), { timeout: 20_000 }).toContainEqual(explained);
  });

  test("of the manifests do not reach other objects", async () => {
    const { admin } = inCluster();
    const kube = await open(admin);
    const other = slice(await serviceUid(kube), { name: "by-hand" });
    await expect(kube.applySlice(other, goOn())).rejects.toMatchObject({ fault: "denied", code: "Forbidden" });
    await expect(kube.deleteSlice("by-hand", "1", goOn())).rejects.toMatchObject({ fault: "denied" });
  });
}

/** Goes through all verbs of the port, making and removing what is needed; the messages of those that were denied. */
async function deniedCalls(admin: ClusterAdmin): Promise<readonly string[]> {
  await admin.delete("Endpoints", "windows-exporter");
  await admin.delete("EndpointSlice", "windows-exporter-63");
  const uid = (await admin.get("Service", "windows-exporter"))?.metadata.uid ?? "";
  const kube = await open(admin);
  const signal = goOn();
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
