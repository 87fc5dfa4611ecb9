import { afterEach, expect, test } from "vitest";
import { reportText, openPasses, type Passes } from "../passes.ts";
import { isWrite } from "../sandbox/view.ts";
import { SHOP } from "../world.ts";

let passes: Passes | undefined;
afterEach(() => passes?.world.stop());

async function open(count = 3): Promise<Passes> {
  const cluster = { ...SHOP, pools: [{ name: "win1", os: "Windows" as const, count, image: "20348.3000" }] };
  passes = await openPasses({ cluster });
  return passes;
}

/** Calls `happen` once, right after the app's nth request whose path ends with `path`. */
function after({ world }: Passes, { path, nth }: { path: string; nth: number }, happen: () => void): void {
  let seen = 0;
  world.arm.onJournal((entry) => {
    if (entry.who !== "app" || !entry.path.endsWith(path)) return;
    seen++;
    if (seen === nth) happen();
  });
}

const writesOf = ({ world }: Passes) =>
  world.arm.journal
    .filter(({ who, ...entry }) => who === "app" && isWrite(entry))
    .map(({ method, status }) => [method, status]);

test.each([
  {
    what: "AKS starts an operation",
    happen: ({ world }: Passes) => void world.arm.aks.reconcile(world.cluster.id, "win1"),
  },
  {
    what: "another client writes the model",
    happen: ({ world }: Passes) => {
      for (const scaleSet of world.arm.world.scaleSets) scaleSet.etag++;
    },
  },
])("drops a planned write when $what before it", async ({ happen }) => {
  const opened = await open();
  after(opened, { path: "/virtualMachines", nth: 1 }, () => happen(opened));
  const report = await opened.pass();
  expect(reportText(report).outcomes).toEqual([
    expect.stringMatching(/^put-extension .* dropped \(changed-since-observed\)$/),
  ]);
  expect(writesOf(opened)).toEqual([]);
  expect(report.plan.requeueAt - report.startedAt).toBe(60_000);
});

test("submits a batch again without the instances that were deleted before the write", async () => {
  const opened = await open(5);
  const [scaleSet] = opened.world.arm.world.scaleSets;
  // The app reads the scale set before the PUT of the extension, before the canary, and before the batch.
  after(opened, { path: "/virtualMachineScaleSets/akswin1", nth: 3 }, () => {
    if (scaleSet) scaleSet.instances = scaleSet.instances.filter(({ id }) => id !== "2" && id !== "3");
  });
  await opened.live(14);
  const upgrades = opened.world.arm.journal.filter(({ path }) => path.endsWith("/manualupgrade")).slice(1);
  expect(upgrades.map(({ status }) => status)).toEqual([400, 400, 202]);
  expect(upgrades.map(({ body }) => body)).toEqual([
    { instanceIds: ["1", "2", "3"] },
    { instanceIds: ["1", "3"] },
    { instanceIds: ["1"] },
  ]);
});
