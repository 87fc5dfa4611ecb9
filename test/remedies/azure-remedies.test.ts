import { afterEach, describe, expect, test } from "vitest";
import { readConfig } from "../../shared/config/config.ts";
import { makePackage, publish } from "../packages.ts";
import { openPasses, type Passes } from "../passes.ts";
import { SHOP, type WorldOptions } from "../world.ts";
import { type About, runRemedy } from "./run-remedy.ts";

let passes: Passes | undefined;
afterEach(async () => {
  await passes?.world.stop();
  passes = undefined;
});

const DSC = "Microsoft.Powershell.DSC";

/** A state that a person has to end. */
interface Case {
  readonly about: About;
  readonly what: string;
  readonly options?: WorldOptions;
  /** Makes the state after the installation. */
  readonly spoil?: (opened: Passes) => Promise<unknown>;
  /** Makes the state before the first pass instead. */
  readonly spoilFirst?: (opened: Passes) => Promise<unknown>;
}

const setOf = ({ world }: Passes) => {
  const [set] = world.arm.world.scaleSets;
  if (!set) throw new Error("there is no scale set");
  return set;
};
const publishNext = ({ world }: Passes) => publish(world.packageContainer, makePackage("0.31.9"));
const withoutAction = (suffix: string): WorldOptions => ({
  assignments: (granted) =>
    granted.map((each) => ({ ...each, actions: each.actions.filter((action) => !action.endsWith(suffix)) })),
});

const CASES: readonly Case[] = [
  {
    about: { reason: "denied" },
    what: "the role on the node resource group lacks an action",
    options: withoutAction("/extensions/write"),
  },
  {
    about: { title: /The extension pass fails/ },
    what: "the role on the cluster was removed",
    spoil: ({ world }) =>
      world.arm.actors.revokeRole("app", { action: "Microsoft.ContainerService/managedClusters/read" }),
  },
  {
    about: { reason: "node-resource-group-locked" },
    what: "the node resource group is locked",
    spoil: ({ world }) => world.arm.actors.updateCluster(world.cluster.id, { restrictionLevel: "ReadOnly" }),
  },
  {
    about: { reason: "scope-locked" },
    what: "a lock is on the node resource group",
    spoilFirst: ({ world }) => world.arm.actors.lock(world.cluster.id, "ReadOnly"),
  },
  {
    about: { reason: "denied-by-policy" },
    what: "a policy denies the extension",
    spoilFirst: ({ world }) => world.arm.actors.assignPolicy({ name: "no-dsc", type: DSC, effect: "deny" }),
  },
  {
    about: { reason: "settling" },
    what: "an operation of AKS failed",
    spoil: async ({ world }) => {
      await world.arm.actors.hold(world.cluster.id, "win1");
      await world.arm.actors.release(world.cluster.id, "Failed", "win1");
    },
  },
  {
    about: { title: /The extension pass|stopped/ },
    what: "the cluster is stopped",
    spoil: ({ world }) => world.arm.actors.stopCluster(world.cluster.id),
  },
  {
    about: { reason: "stopped" },
    what: "the pool is stopped",
    spoil: ({ world }) => world.arm.actors.stopPool(world.cluster.id, "win1"),
  },
  {
    about: { reason: "upgrade-policy" },
    what: "the upgrade policy is Automatic",
    spoil: async (opened) => Object.assign(setOf(opened), { upgradePolicy: { mode: "Automatic" } }),
  },
  {
    about: { reason: "foreign-extension" },
    what: "the model has another DSC extension",
    spoilFirst: async (opened) => {
      const properties = { publisher: "Microsoft.Powershell", type: "DSC", typeHandlerVersion: "2.77" };
      setOf(opened).virtualMachineProfile.extensionProfile.extensions.push({ name: "corp dsc", properties });
    },
  },
  {
    about: { reason: "image-differs" },
    what: "an instance has another image than the model",
    spoil: async (opened) => {
      const { arm, cluster } = opened.world;
      for (const pool of arm.world.clusters.flatMap(({ pools }) => pools)) pool.image = "20348.9999";
      await arm.aks.reconcile(cluster.id, "win1");
      await publishNext(opened);
    },
  },
  {
    about: { reason: "aks-extension-differs" },
    what: "AKS changed its extension in the model",
    spoil: async (opened) => {
      const { arm, cluster } = opened.world;
      await arm.actors.rewriteBootstrap(cluster.id, "win1", { change: "settings" });
      await publishNext(opened);
    },
  },
  {
    about: { title: /^Node akswin1000001 .*(protected|another package)/ },
    what: "an instance is protected",
    spoil: async (opened) => {
      Object.assign(setOf(opened).instances[1]?.protection ?? {}, { protectFromScaleSetActions: true });
      await publishNext(opened);
    },
  },
];

describe.skipIf(process.platform === "win32")("the command of a remedy, run as it is printed (not on Windows)", () => {
  test.each(CASES)("$what", async ({ about, options, spoil, spoilFirst }) => {
    const pools = [{ name: "win1", os: "Windows", count: 2, image: "20348.3000" }] as const;
    passes = await openPasses({ cluster: { ...SHOP, pools }, ...options });
    await spoilFirst?.(passes);
    if (!options && !spoilFirst) {
      await passes.live(20);
      await passes.publish();
    }
    await spoil?.(passes);
    expect(await runRemedy(passes, about)).toEqual({});
  });

  test("MODE is observe: the command sets MODE, with which the app acts", async () => {
    passes = await openPasses({ settings: { MODE: "observe" } });
    const settings = await runRemedy(passes, { reason: "observe-only" });
    expect(readConfig({ ...passes.world.settings, ...settings }).MODE).toBe("install");
  });
});
