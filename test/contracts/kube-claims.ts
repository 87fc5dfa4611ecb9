import { expect, test } from "vitest";
import type { KubeClient } from "../../shared/clients/kubernetes/port.ts";
import { actEndpoints } from "../../shared/endpoints/act.ts";
import type { EndpointsAction } from "../../shared/model/action.ts";
import type { DesiredSlice } from "../../shared/model/slice.ts";
import type { KubeObject } from "./cluster-admin.ts";
import { asEarlierBuild, FORMER } from "./earlier-build.ts";
import { bare, desired, endpoint, noAbort, type InCluster, OWNER, serviceUid, slice } from "./kube-fixture.ts";

/** Tests who may write, when several programs want to: other owners, other programs, and earlier builds. */
export function describeClaims(inCluster: InCluster): void {
  test.each(Array.from({ length: 10 }, (_, index) => index))(
    "of two owners that start at once, one publishes whole and the other nothing (%i)",
    async () => {
      const { admin, kube } = inCluster();
      const [left, right] = await Promise.all([act(kube, firstPass(await serviceUid(kube), "left")), otherPass()]);
      async function otherPass(): Promise<readonly string[]> {
        return act(kube, firstPass(await serviceUid(kube), "right"));
      }
      const owners = [...(await kube.listSlices(noAbort())), await kube.readEndpoints(noAbort())].map(
        (each) => each?.owner,
      );
      const winner = owners[0];
      expect(owners).toEqual([winner, winner, winner]);
      const [won, lost] = winner === "left" ? [left, right] : [right, left];
      expect(won).toEqual(["done", "done", "done"]);
      expect(lost).toEqual([expect.stringMatching(/^dropped (another-app|changed-since-observed)$/), lost[0], lost[0]]);
      expect(await managersOf(admin.get("EndpointSlice", "windows-exporter-0"))).toEqual([`${FORMER}-${winner}`]);
    },
  );

  test("an owner whose claim conflicts with another owner's field manager writes nothing", async () => {
    const { kube } = inCluster();
    const uid = await serviceUid(kube);
    expect(await act(kube, firstPass(uid, "left"))).toEqual(["done", "done", "done"]);
    const [claimed] = await kube.listSlices(noAbort());
    const second = firstPass(uid, "right", { resourceVersion: claimed?.resourceVersion });
    const [outcome, ...others] = await outcomesOf(kube, second);
    const names = { managers: [`${FORMER}-left`] };
    expect(outcome).toMatchObject({ status: "dropped", reason: "another-app", error: { names } });
    expect(others).toMatchObject([{ reason: "another-app" }, { reason: "another-app" }]);
  });
}

/** Tests that what others wrote stops neither the other objects nor the other nodes. */
export function describeLeftOut(inCluster: InCluster): void {
  test("an object of which other programs own fields is left alone, and the others are written", async () => {
    const { admin, kube } = inCluster();
    const uid = await serviceUid(kube);
    await act(kube, firstPass(uid, OWNER));
    const edited = bare(await admin.get("EndpointSlice", "windows-exporter-0"));
    await admin.apply({ ...edited, addressType: "IPv4", endpoints: [{ addresses: ["10.9.9.9"] }] }, "argocd");
    await admin.apply({ ...edited, addressType: "IPv4", ports: [{ name: "http", port: 80 }] }, "kubectl");
    const [first, second] = await kube.listSlices(noAbort());
    const { resourceVersion } = (await kube.readEndpoints(noAbort())) ?? {};
    const [claim, ...others] = await outcomesOf(kube, [
      { kind: "apply-endpoint-slice", slice: slice(uid, { resourceVersion: first?.resourceVersion }), claims: true },
      { kind: "delete-endpoint-slice", name: second?.name ?? "", resourceVersion: second?.resourceVersion ?? "" },
      { kind: "apply-endpoints", endpoints: desired({ endpoints: [], resourceVersion }) },
    ]);
    const names = { managers: ["argocd", "kubectl"] };
    expect(claim).toMatchObject({ status: "dropped", reason: "another-manager", error: { names } });
    expect(others).toMatchObject([{ status: "done" }, { status: "done" }]);
  });

  test("an endpoint that the API server refuses is left out and named, and the others are written", async () => {
    const { kube } = inCluster();
    const bad = [endpoint(4, { address: "169.254.3.4" }), endpoint(6, { address: "127.0.0.1", ready: false })];
    const endpoints = [endpoint(1), ...bad, endpoint(5, { ready: false })];
    const [claimed, other] = firstPass(await serviceUid(kube), OWNER, { endpoints });
    const outcomes = await outcomesOf(kube, [
      ...(claimed && other ? [claimed, other] : []),
      { kind: "apply-endpoints", endpoints: desired({ endpoints }) },
    ]);
    const error = { code: "Invalid", names: { nodes: bad.map(({ node }) => node) } };
    expect(outcomes).toMatchObject([{ status: "done", error }, { status: "done" }, { status: "done", error }]);
    expect(outcomes[1]).not.toHaveProperty("error");
    const good = [endpoint(1), endpoint(5, { ready: false })];
    expect((await kube.listSlices(noAbort()))[0]?.endpoints).toStrictEqual(good);
    expect((await kube.readEndpoints(noAbort()))?.endpoints).toStrictEqual(good);
  });

  test("nothing is written after a claim that a pause withheld, even if the pause ends then", async () => {
    const { kube } = inCluster();
    const answers = (["paused"] as const).values();
    const policy = () => answers.next().value;
    const actions = firstPass(await serviceUid(kube), OWNER);
    const outcomes = await actEndpoints(actions, { kube, policy, adopts: false, now: Date.now, signal: noAbort() });
    const withheld = { status: "withheld", reason: "paused" };
    expect(outcomes).toMatchObject([withheld, withheld, withheld]);
    expect(await kube.listSlices(noAbort())).toEqual([]);
  });

  test("a claim that fails ends the pass", async () => {
    const { kube } = inCluster();
    expect(await act(kube, firstPass("", OWNER))).toEqual(["failed", "dropped write-failed", "dropped write-failed"]);
    expect(await kube.listSlices(noAbort())).toEqual([]);
  });

  test("objects of the field manager of earlier builds are handed over, with every field", async () => {
    const { admin, kube } = inCluster();
    const wanted = slice(await serviceUid(kube));
    await act(kube, [
      { kind: "apply-endpoint-slice", slice: wanted },
      { kind: "apply-endpoints", endpoints: desired() },
    ]);
    await asEarlierBuild(admin, OWNER);
    const [live] = await kube.listSlices(noAbort());
    const endpoints = await kube.readEndpoints(noAbort());
    expect([live, endpoints]).toMatchObject([{ hasFormerManager: true }, { hasFormerManager: true, isManaged: true }]);

    const next = { endpoints: [endpoint(7)], hasFormerManager: true };
    await kube.applySlice({ ...wanted, ...next, resourceVersion: live?.resourceVersion }, noAbort());
    await kube.applyEndpoints(desired({ ...next, resourceVersion: endpoints?.resourceVersion }), noAbort());
    expect(await kube.listSlices(noAbort())).toMatchObject([
      { ...wanted, ...next, hasFormerManager: false, resourceVersion: expect.anything() },
    ]);
    expect(await kube.readEndpoints(noAbort())).toMatchObject({ ...next, hasFormerManager: false, isManaged: true });
    for (const [kind, name] of [
      ["EndpointSlice", "windows-exporter-0"],
      ["Endpoints", "windows-exporter"],
    ] as const) {
      expect(await managersOf(admin.get(kind, name))).toEqual([`${FORMER}-${OWNER}`]);
    }
  });
}

/** Returns the actions of a first pass: its claim, one more slice and the Endpoints object. */
function firstPass(uid: string, owner: string, change: Partial<DesiredSlice> = {}): readonly EndpointsAction[] {
  const [claimed, other] = [slice(uid, { owner, ...change }), slice(uid, { owner, name: "windows-exporter-1" })];
  return [
    { kind: "apply-endpoint-slice", slice: claimed, claims: true },
    { kind: "apply-endpoint-slice", slice: other },
    { kind: "apply-endpoints", endpoints: desired({ owner }) },
  ];
}

function outcomesOf(kube: KubeClient, actions: readonly EndpointsAction[]): ReturnType<typeof actEndpoints> {
  return actEndpoints(actions, { kube, policy: () => undefined, adopts: false, now: Date.now, signal: noAbort() });
}

async function act(kube: KubeClient, actions: readonly EndpointsAction[]): Promise<readonly string[]> {
  const outcomes = await outcomesOf(kube, actions);
  return outcomes.map(({ status, reason }) => [status, reason].filter(Boolean).join(" "));
}

async function managersOf(reading: Promise<KubeObject | undefined>): Promise<readonly string[]> {
  const entries = (await reading)?.metadata["managedFields"] as readonly { readonly manager: string }[];
  return entries.map(({ manager }) => manager).toSorted();
}
