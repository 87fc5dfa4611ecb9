import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Problem, Status } from "../../shared/report/status.ts";
import { makePackage, openBlobs, publish, storageToken } from "../packages.ts";
import type { FunctionsHost } from "../simulators/host/functions-host.ts";
import { failRuns } from "../stories/failing-runs.ts";
import { openWorld, SHOP } from "../world.ts";
import { openShell, type Shell } from "./shell.ts";

const MINUTE_MS = 60_000;
const PATIENCE_MINUTES = 60;
/** After a resync, an installation needs less; the ladder's next retry is hours away. */
const SOON_MINUTES = 12;

const pools = [{ name: "win1", os: "Windows", count: 2, image: "20348.3000" }] as const;
const world = await openWorld({ cluster: { ...SHOP, pools } });
const state = openBlobs(`${world.hostAccountUrl}/aks-windows-metrics`, storageToken(world));
let host: FunctionsHost;
let shell: Shell;
beforeAll(async () => {
  host = await world.load(() => import("../../functions/main.ts"));
  shell = await openShell(world);
  await world.clock.advance(25 * MINUTE_MS);
});
afterAll(async () => {
  await shell.stop();
  await world.stop();
});

async function problems(): Promise<readonly Problem[]> {
  const headers = { "x-functions-key": host.functionKeys["status"] ?? "" };
  const status: Status = JSON.parse(await (await fetch(`${host.url}/api/status`, { headers })).text());
  return status.clusters.flatMap((cluster) => cluster.problems);
}

/** Lives on until the problem is there; returns it. */
async function problemWith(title: RegExp): Promise<Problem> {
  for (let minute = 0; minute < PATIENCE_MINUTES; minute++) {
    const found = (await problems()).find((each) => title.test(each.title));
    if (found) return found;
    await world.clock.advance(MINUTE_MS);
  }
  throw new Error(`no problem ${title} in ${JSON.stringify(await problems())}`);
}

/** Runs the command of the problem as it is printed, with a key of the function, and expects the problem to be gone soon. */
async function expectMended(title: RegExp, { remedy }: Problem, name = "resync"): Promise<void> {
  const key = `export KEY='${host.functionKeys[name]}'`;
  const { exitCode, stderr, stdout } = await shell.run(`${key}\n${remedy?.command}`);
  expect(exitCode, `${remedy?.command}\n${stdout}${stderr}`).toBe(0);
  for (let minute = 0; minute < SOON_MINUTES; minute++) {
    if (!(await problems()).some((each) => title.test(each.title))) return;
    await world.clock.advance(MINUTE_MS);
  }
  expect(await problems()).toEqual([]);
}

/** Publishes a package whose runs fail for three hours; the app then waits for hours before it retries. */
async function failNextPackage(failure: Parameters<typeof failRuns>[1], version: string): Promise<() => void> {
  const end = failRuns(world.dsc, failure);
  await publish(world.packageContainer, makePackage(version));
  await world.clock.advance(3 * 60 * MINUTE_MS);
  return end;
}

describe.skipIf(process.platform === "win32")("the resync of a remedy, as it is printed (not on Windows)", () => {
  test.each([
    { failure: "download", says: /the package could not be downloaded/, version: "0.31.9" },
    { failure: "node", says: /the node prevented the installation/, version: "0.32.0" },
    { failure: "installer-busy", says: /another installation was running on the node/, version: "0.32.1" },
    { failure: "package", says: /failed: the package failed/, version: "0.32.2" },
  ] as const)("$failure: the cause is over, and the app retries at once", async ({ failure, says, version }) => {
    const end = await failNextPackage(failure, version);
    const problem = await problemWith(says);
    end();
    await expectMended(says, problem);
  });

  test("the policy that removed the extension again and again is gone", async () => {
    const { actors } = world.arm;
    await actors.assignPolicy({
      name: "no-dsc",
      type: "Microsoft.Powershell.DSC",
      effect: "remove",
      delayMs: MINUTE_MS,
    });
    await publish(world.packageContainer, makePackage("0.33.0"));
    const problem = await problemWith(/another writer changes what the app writes/);
    await actors.removePolicy("no-dsc");
    await expectMended(/another writer changes what the app writes/, problem);
  });

  test("the extension of another owner is taken over", async () => {
    const entry = world.arm.world.scaleSets[0]?.virtualMachineProfile.extensionProfile.extensions.find(
      ({ name }) => name === "windows-exporter-dsc",
    );
    if (!entry) throw new Error("the model has no extension");
    const [version, marker, , ...rest] = entry.properties.forceUpdateTag?.split(":") ?? [];
    Object.assign(entry.properties, { forceUpdateTag: [version, marker, "ffffffff", ...rest].join(":") });
    await expectMended(/belongs to another copy/, await problemWith(/belongs to another copy/));
  });

  test("a pause is ended", async () => {
    const headers = { "x-functions-key": host.functionKeys["pause"] ?? "" };
    await fetch(`${host.url}/api/pause?pool=win1&for=PT10H`, { method: "POST", headers });
    await publish(world.packageContainer, makePackage("0.34.0"));
    await expectMended(/Pool win1: it is paused/, await problemWith(/Pool win1: it is paused/), "pause");
  });

  test("a lease that a worker left behind is broken", async () => {
    const blobs: string[] = [];
    for await (const { name } of state.listBlobsFlat({ prefix: "leases/" })) blobs.push(name);
    const lease = blobs.find((name) => name.endsWith("/extension")) ?? "";
    await state.getBlobClient(lease).getBlobLeaseClient().acquireLease(-1);
    await problemWith(/No extension pass has run/);
    // A request that is only some minutes old can still be served.
    await world.clock.advance(10 * MINUTE_MS);
    const problem = await problemWith(/No extension pass has run/);
    expect(problem.remedy?.command).toContain("az storage blob lease break");
    await expectMended(/No extension pass has run/, problem);
  });
});
