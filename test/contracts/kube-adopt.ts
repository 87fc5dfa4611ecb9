import { expect, test } from "vitest";
import { actEndpoints } from "../../shared/endpoints/act.ts";
import type { EndpointsAction } from "../../shared/model/action.ts";
import { bare, desired, endpoint, type InCluster, noAbort, OWNER, serviceUid, slice } from "./kube-fixture.ts";

/** Tests what a resync with `adopt` does to objects of which others own fields. */
export function describeAdoption(inCluster: InCluster): void {
  /** Returns the actions that give the live objects the content of an owner, and their outcomes. */
  async function publish(owner: string, adopts: boolean, endpoints = [endpoint(1)]): Promise<readonly string[]> {
    const { kube } = inCluster();
    const [live] = await kube.listSlices(noAbort());
    const object = await kube.readEndpoints(noAbort());
    const versions = { owner, endpoints };
    const actions: readonly EndpointsAction[] = [
      {
        kind: "apply-endpoint-slice",
        slice: slice(await serviceUid(kube), { ...versions, resourceVersion: live?.resourceVersion }),
        claims: true,
      },
      { kind: "apply-endpoints", endpoints: desired({ ...versions, resourceVersion: object?.resourceVersion }) },
    ];
    return act(actions, adopts);
  }

  async function act(actions: readonly EndpointsAction[], adopts: boolean): Promise<readonly string[]> {
    const { kube } = inCluster();
    const context = { kube, policy: () => undefined, adopts, now: Date.now, signal: noAbort() };
    const outcomes = await actEndpoints(actions, context);
    return outcomes.map(({ status, reason }) => [status, reason].filter(Boolean).join(" "));
  }

  async function managers(): Promise<readonly string[]> {
    const { admin } = inCluster();
    const objects = [
      await admin.get("EndpointSlice", "windows-exporter-0"),
      await admin.get("Endpoints", "windows-exporter"),
    ];
    const entries = objects.flatMap(
      (each) => (each?.metadata["managedFields"] ?? []) as readonly { readonly manager: string }[],
    );
    return [...new Set(entries.map(({ manager }) => manager))].toSorted();
  }

  test("takes over the objects of another owner, which then owns nothing of them", async () => {
    expect(await publish("left", false)).toEqual(["done", "done"]);
    expect(await publish(OWNER, false)).toEqual(["dropped another-app", "dropped another-app"]);
    expect(await publish(OWNER, true)).toEqual(["done", "done"]);
    expect(await managers()).toEqual([`aks-windows-metrics-${OWNER}`]);
    // Also the next change meets no conflict.
    expect(await publish(OWNER, false, [endpoint(2)])).toEqual(["done", "done"]);
    expect(await publish("left", false)).toEqual(["dropped another-app", "dropped another-app"]);
  });

  test("takes over the objects that other programs have changed", async () => {
    const { admin, kube } = inCluster();
    await publish(OWNER, false);
    const edited = bare(await admin.get("EndpointSlice", "windows-exporter-0"));
    await admin.apply({ ...edited, addressType: "IPv4", endpoints: [{ addresses: ["10.9.9.9"] }] }, "argocd");
    const object = bare(await admin.get("Endpoints", "windows-exporter"));
    const subsets = [{ addresses: [{ ip: "10.9.9.9" }], ports: [{ name: "metrics", port: 9182 }] }];
    await admin.apply({ ...object, subsets }, "kubectl");
    expect(await publish(OWNER, false)).toEqual(["dropped another-manager", "dropped another-manager"]);
    expect(await publish(OWNER, true)).toEqual(["done", "done"]);
    expect(await managers()).toEqual([`aks-windows-metrics-${OWNER}`]);
    expect((await kube.readEndpoints(noAbort()))?.endpoints).toEqual([endpoint(1)]);
  });

  test("deletes no object that has changed since it was read", async () => {
    const { admin, kube } = inCluster();
    await publish("left", false);
    const [live] = await kube.listSlices(noAbort());
    const changed = bare(await admin.get("EndpointSlice", "windows-exporter-0"));
    await admin.apply({ ...changed, addressType: "IPv4", endpoints: [{ addresses: ["10.9.9.9"] }] }, "argocd");
    const stale = slice(await serviceUid(kube), { resourceVersion: live?.resourceVersion });
    expect(await act([{ kind: "apply-endpoint-slice", slice: stale }], true)).toEqual([
      "dropped changed-since-observed",
    ]);
    expect(await kube.listSlices(noAbort())).toMatchObject([{ owner: "left" }]);
  });
}
