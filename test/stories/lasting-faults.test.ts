import { afterEach, expect, test } from "vitest";
import { makePackage, publish } from "../packages.ts";
import { instanceStates, openPasses, type Passes, reportText, setVerdicts } from "../passes.ts";
import { SHOP } from "../world.ts";
import { liveDays } from "./days.ts";
import { failRuns } from "./failing-runs.ts";

let passes: Passes | undefined;
afterEach(async () => {
  await passes?.world.stop();
  passes = undefined;
});

const HOUR = 60;
const DAYS = 7;

async function openInstalled(): Promise<Passes> {
  const cluster = { ...SHOP, pools: [{ name: "win1", os: "Windows" as const, count: 2, image: "20348.3000" }] };
  // Seven days are a lot of passes; what the app does about a fault does not wait for this.
  passes = await openPasses({ cluster, settings: { RESYNC_AFTER: "PT1H" } });
  await passes.live(25);
  expect(instanceStates(await passes.pass())).toEqual({ current: 2 });
  return passes;
}

interface LastingFault {
  readonly what: string;
  readonly begin: (opened: Passes) => Promise<unknown>;
  readonly end: (opened: Passes) => Promise<unknown>;
  readonly verdict: RegExp;
  readonly says: RegExp;
}

const POLICY = {
  name: "harden-dsc",
  type: "Microsoft.Powershell.DSC",
  effect: "modify",
  change: { enableAutomaticUpgrade: true },
} as const;

const FAULTS: readonly LastingFault[] = [
  {
    what: "a policy that changes the extension",
    begin: async ({ world: { arm, cluster } }) => {
      await arm.actors.assignPolicy(POLICY);
      await arm.aks.reconcile(cluster.id, "win1");
    },
    end: ({ world }) => world.arm.actors.removePolicy(POLICY.name),
    verdict: /^win1 refused write-without-effect$/m,
    says: /these properties differ again: enableAutomaticUpgrade/,
  },
  {
    what: "a policy that removes the extension",
    begin: async ({ world: { arm, cluster } }) => {
      await arm.actors.assignPolicy({ name: "no-dsc", type: POLICY.type, effect: "remove" });
      await arm.aks.reconcile(cluster.id, "win1");
    },
    end: ({ world }) => world.arm.actors.removePolicy("no-dsc"),
    verdict: /^win1 refused write-without-effect$/m,
    says: /the extension is missing again/,
  },
  {
    what: "a policy that denies the extension",
    begin: async ({ world: { arm, cluster } }) => {
      await arm.actors.assignPolicy({ name: "deny-dsc", type: POLICY.type, effect: "deny" });
      await arm.aks.reconcile(cluster.id, "win1");
    },
    end: ({ world }) => world.arm.actors.removePolicy("deny-dsc"),
    verdict: /^win1 refused denied-by-policy$/,
    says: /deny-dsc/,
  },
  {
    what: "a lock on the node resource group",
    begin: async ({ world: { arm, cluster } }) => {
      await arm.aks.reconcile(cluster.id, "win1");
      await passes?.world.clock.advance(10 * 60_000);
      await arm.actors.lock(cluster.id, "ReadOnly");
    },
    end: ({ world: { arm, cluster } }) => arm.actors.unlock(cluster.id),
    verdict: /^win1 refused scope-locked$/,
    says: /A lock on .*MC_shop-rg_shop_westeurope/i,
  },
  {
    what: "a role that was taken away",
    begin: async ({ world: { arm, cluster } }) => {
      await arm.actors.revokeRole("app", { action: "Microsoft.Compute/virtualMachineScaleSets/extensions/write" });
      await arm.aks.reconcile(cluster.id, "win1");
    },
    end: ({ world }) => world.arm.actors.restoreRoles("app"),
    // The role also has the permissions to read: the pass itself fails.
    verdict: /^$/,
    says: /lacks the permission Microsoft.Compute\/virtualMachineScaleSets\/read/,
  },
];

/** Faults that no person ends: another package does, or AKS replaces the machine. */
const OF_MACHINES: readonly Pick<LastingFault, "what" | "begin" | "verdict" | "says">[] = [
  {
    what: "a package that fails",
    begin: async ({ world: { dsc, packageContainer, package: first } }) => {
      const next = makePackage("0.31.9", [first.hash]);
      failRuns(dsc, "package", ({ settings }) => JSON.stringify(settings).includes(next.hash));
      await publish(packageContainer, next);
    },
    // The pool has gone back to the package before it.
    verdict: /^win1 at-rest$/,
    says: /held, because the package failed on the first instances; the package failed on akswin1000000/,
  },
  {
    what: "an agent that never reports",
    begin: async ({ world: { arm, cluster } }) => {
      arm.failExtension({ scaleSet: "akswin1", instanceId: "2", cause: "agent", times: 999 });
      await arm.actors.autoscale(cluster.id, "win1", 3);
    },
    verdict: /^win1 (waiting retry|converging missing|waiting own-operation)$/m,
    says: /instance akswin1000002: (failed, because the VM agent failed|installing|unknown)/,
  },
];

test.each([...FAULTS, ...OF_MACHINES])(
  "$what costs at most 12 writes a day, and is named",
  async ({ begin, verdict, says }) => {
    const opened = await openInstalled();
    await begin(opened);
    const days = await liveDays(opened, DAYS);
    expect(Math.max(...days)).toBeLessThanOrEqual(12);
    expect(Math.max(...days.slice(2))).toBeLessThanOrEqual(3);
    // Two renewals of the link are seven days: that of the last one is over then.
    await opened.live(10);
    const report = await opened.pass();
    expect(setVerdicts(report).join("\n")).toMatch(verdict);
    expect(JSON.stringify(reportText(report))).toMatch(says);
  },
);

test.each(FAULTS)("after $what has ended, a resync heals at once", async ({ begin, end }) => {
  const opened = await openInstalled();
  await begin(opened);
  await opened.live(10 * HOUR);
  await end(opened);
  await opened.pass("resync");
  await opened.live(5);
  expect(setVerdicts(await opened.pass())).toEqual(["win1 at-rest"]);
});

test.each(FAULTS)(
  "after $what has ended, it heals by itself, at the latest at the next step of the ladder",
  async (fault) => {
    const opened = await openInstalled();
    await fault.begin(opened);
    await opened.live(90);
    await fault.end(opened);
    await opened.live(6 * HOUR + 5);
    expect(setVerdicts(await opened.pass())).toEqual(["win1 at-rest"]);
  },
);

test("7 days in which AKS is stuck cost no write but the renewal of a link that would expire, and keep new nodes able to install", async () => {
  const opened = await openInstalled();
  const { arm, cluster } = opened.world;
  await arm.actors.hold(cluster.id, "win1");
  const days = await liveDays(opened, DAYS);
  expect(days.reduce((all, each) => all + each)).toBe(1);
  expect(setVerdicts(await opened.pass())).toEqual(["win1 waiting aks-busy"]);
  await arm.actors.autoscale(cluster.id, "win1", 3);
  await opened.live(30);
  const states = arm.world.scaleSets[0]?.instances.map(({ extensions }) => extensions.map(({ state }) => state));
  expect(states).toEqual(Array.from({ length: 3 }, () => expect.not.arrayContaining(["failed"])));
  await arm.actors.release(cluster.id, "Succeeded", "win1");
  await opened.live(20);
  expect(setVerdicts(await opened.pass())).toEqual(["win1 at-rest"]);
});
