import { afterAll, beforeEach, expect, test } from "vitest";
import { CallError } from "../../shared/clients/errors.ts";
import type { ClusterId } from "../../shared/model/ids.ts";
import { readMemory } from "../../shared/reconcile/blobs.ts";
import { reconcile } from "../../shared/reconcile/reconcile.ts";
import { requestPass } from "../../shared/reconcile/requests.ts";
import { MINUTE, NOW } from "../build.ts";
import { openWorld } from "../world.ts";
import { clusterId, countDeps, type CountDeps, passRequest, restingFlow } from "./count-flow.ts";

const world = await openWorld();
afterAll(() => world.stop());
let now = NOW;
let cluster: ClusterId;
let clusters = 100;

beforeEach(() => {
  now = NOW;
  clusters += 1;
  cluster = clusterId(clusters);
});

await (
  await countDeps(
    world,
    () => now,
    async () => 0,
  ).state()
).createIfNotExists();

const depsOf = (count: CountDeps["count"]) => countDeps(world, () => now, count);
const three = depsOf(async () => 3);
const tick = (deps = three) => reconcile(restingFlow, cluster, deps, passRequest("timer"));
const memory = async () =>
  (await readMemory(three.records, { flow: restingFlow, cluster }, AbortSignal.timeout(10_000))).memory;

/** Returns the versions of the cluster's blobs; taking the lease does not change them. */
async function versions(): Promise<string> {
  const found: string[] = [];
  const prefix = /c\d+$/.exec(cluster)?.[0] ?? "";
  for await (const { name, properties } of (await three.state()).listBlobsFlat()) {
    if (name.includes(`/${prefix}/`)) found.push(`${name} ${properties.etag}`);
  }
  return found.join("\n");
}

/** Runs a pass a minute later, and returns whether it wrote anything. */
async function writesAfter(minutes: number, deps = three): Promise<boolean> {
  const before = await versions();
  now += minutes * MINUTE;
  await tick(deps);
  return (await versions()) !== before;
}

test("a flow at rest observes every minute, and writes every 5 minutes", async () => {
  let observed = 0;
  const deps = depsOf(async () => {
    observed += 1;
    return 3;
  });
  const writes: boolean[] = [];
  for (let minute = 0; minute < 16; minute++) writes.push(await writesAfter(minute === 0 ? 0 : 1, deps));
  expect(writes.flatMap((wrote, minute) => (wrote ? [minute] : []))).toEqual([0, 5, 10, 15]);
  expect(observed).toBe(16);
});

test.each([
  { what: "another finding", count: async () => 0 },
  {
    what: "a failed call",
    count: () => Promise.reject(new CallError("count nodes", "transient", {})),
  },
])("$what is remembered at once", async ({ count }) => {
  expect(await writesAfter(0)).toBe(true);
  expect(await writesAfter(1)).toBe(false);
  expect(await writesAfter(1, depsOf(count))).toBe(true);
});

test("a requested pass is written, and takes the request", async () => {
  await tick();
  await requestPass(three, { flow: restingFlow, cluster }, "resync", AbortSignal.timeout(10_000));
  now += MINUTE;
  await reconcile(restingFlow, cluster, three, passRequest("request"));
  expect((await memory()).startedAt).toBe(NOW + MINUTE);
});

test("the plan is carried out as it was made, if memory has not changed since", async () => {
  let observed = 0;
  await tick(
    depsOf(async () => {
      observed += 1;
      return 3;
    }),
  );
  expect(observed).toBe(1);
});

test.each(["another pass has written", "a pass was requested"])("the plan is made again if %s", async (what) => {
  let observed = 0;
  await tick(
    depsOf(async () => {
      observed += 1;
      if (observed > 1) return 3;
      if (what.startsWith("another")) await reconcile(restingFlow, cluster, three, passRequest("resync"));
      else await requestPass(three, { flow: restingFlow, cluster }, "event", AbortSignal.timeout(10_000));
      return 3;
    }),
  );
  expect(observed).toBe(2);
});

test("a memory that this version cannot read is replaced, with a warning", async () => {
  await tick();
  const name = `memory/s/g/c${clusters}/resting.json`;
  for (const broken of ['{"passes":"many"}', "{", ""]) {
    await (await three.state()).getBlockBlobClient(name).uploadData(Buffer.from(broken));
    now += MINUTE;
    expect(await tick()).toMatchObject({
      warnings: [expect.stringContaining("cannot be read")],
      observed: ["3 nodes"],
    });
    now += MINUTE;
    expect(await tick()).toMatchObject({ warnings: [] });
  }
});
