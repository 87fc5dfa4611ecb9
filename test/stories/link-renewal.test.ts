import { afterAll, expect, test } from "vitest";
import { disabled, runHourly } from "../hourly.ts";
import { extensionOf } from "../sandbox/view.ts";
import type { ExtensionProperties } from "../simulators/arm/world.ts";
import { openWorld, SHOP } from "../world.ts";

const HOUR_MS = 3_600_000;
const DAYS = 14;

const world = await openWorld({
  cluster: {
    ...SHOP,
    pools: [
      { name: "system", os: "Linux", count: 1, image: "2204.2000" },
      { name: "win1", os: "Windows", count: 21, image: "20348.3000" },
    ],
  },
  settings: { ...disabled("reconcileTimer"), ...disabled("scrapeEndpointsTimer") },
});
afterAll(() => world.stop());

const scaleSet = world.arm.world.scaleSets.find(({ name }) => name === "akswin1");
const upgrades = () =>
  world.arm.journal.filter(({ who, path }) => who === "app" && path.endsWith("/manualupgrade")).length;

/** Returns the link that a new node would use. */
function linkOf(properties: ExtensionProperties | undefined): string {
  const { settings, protectedSettings } = JSON.parse(JSON.stringify(properties ?? {}));
  return `${settings?.configuration?.url}${protectedSettings?.configurationUrlSasToken}`;
}

test("renews the link for 14 days without upgrading a node, and the link is valid at every hour", async () => {
  const host = await world.load(() => import("../../functions/main.ts"));
  runHourly("reconcileTimer", { host, clock: world.clock }, 0);
  runHourly("scrapeEndpointsTimer", { host, clock: world.clock }, 30);
  await world.clock.advance(24 * HOUR_MS);
  const before = upgrades();
  expect(scaleSet?.instances.map((each) => extensionOf(each)?.state)).toEqual(
    Array.from({ length: 21 }, () => "succeeded"),
  );

  const closed: string[] = [];
  const links = new Set<string>();
  for (let hour = 0; hour < DAYS * 24; hour++) {
    await world.clock.advance(HOUR_MS);
    const model = scaleSet?.virtualMachineProfile.extensionProfile.extensions.find(
      ({ properties }) => properties.type === "DSC",
    );
    const link = linkOf(model?.properties);
    links.add(link);
    const answer = await fetch(link, { headers: { range: "bytes=0-0" } });
    await answer.arrayBuffer();
    if (!answer.ok) closed.push(`hour ${hour}: ${answer.status}`);
  }
  expect(closed).toEqual([]);
  expect(links.size, "renewed after half of its lifetime, about every three and a half days").toBeGreaterThanOrEqual(4);
  expect(links.size).toBeLessThanOrEqual(6);
  expect(upgrades() - before).toBe(0);
  expect(world.clock.failures).toEqual([]);
});
