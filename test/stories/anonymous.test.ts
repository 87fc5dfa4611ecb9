import { afterEach, expect, test } from "vitest";
import { instanceStates, openPasses, type Passes, setVerdicts } from "../passes.ts";
import { SHOP, type WorldOptions } from "../world.ts";

let passes: Passes | undefined;
afterEach(() => passes?.world.stop());

async function open(options: WorldOptions): Promise<Passes> {
  const cluster = { ...SHOP, pools: [{ name: "win1", os: "Windows" as const, count: 2, image: "20348.3000" }] };
  passes = await openPasses({ cluster, settings: { PACKAGE_ACCESS: "anonymous" }, ...options });
  return passes;
}

test("refuses a package without anonymous access, and writes nothing", async () => {
  const { pass } = await open({});
  const report = await pass();
  expect(setVerdicts(report)).toEqual(["win1 refused package-unusable"]);
  expect(report.plan.actions).toEqual([]);
});

test("installs a package with anonymous access from its plain URL, and never renews it", async () => {
  const { world, live, pass } = await open({ packageAccess: "blob" });
  await live(20);
  expect(instanceStates(await pass())).toEqual({ current: 2 });
  const [scaleSet] = world.arm.world.scaleSets;
  const { extensions = [] } = scaleSet?.virtualMachineProfile.extensionProfile ?? {};
  const entry = extensions.find(({ properties }) => properties.type === "DSC");
  expect(entry?.properties.protectedSettings).toBeUndefined();
  expect(entry?.properties.forceUpdateTag).toMatch(/^v1:[0-9a-f]{16}:[0-9a-f]{8}:none:0$/);
  await world.clock.advance(30 * 86_400_000);
  expect((await pass()).plan.actions).toEqual([]);
});
