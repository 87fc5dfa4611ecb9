import { afterEach, expect, test } from "vitest";
import { readConfig } from "../../shared/config/config.ts";
import { createDependencies } from "../../shared/dependencies.ts";
import { extensionFlow } from "../../shared/extension/flow.ts";
import type { PassRequest } from "../../shared/model/flow.ts";
import type { Report } from "../../shared/model/report.ts";
import { policyOf } from "../../shared/reconcile/policy.ts";
import { reconcile } from "../../shared/reconcile/reconcile.ts";
import { openPasses, type Passes, setVerdicts } from "../passes.ts";

let passes: Passes | undefined;
afterEach(async () => {
  await passes?.world.stop();
  passes = undefined;
});

const upgradesOf = ({ world }: Passes): number =>
  world.arm.journal.filter(({ path }) => path.endsWith("/manualupgrade")).length;

/** An app that was installed, and the same app deployed again under another name. */
async function openRenamed() {
  const opened = await openPasses({ arm: { unknowns: { instanceViewShowsForceUpdateTag: true } } });
  passes = opened;
  await opened.live(25);
  const renamed = createDependencies(readConfig({ ...opened.world.settings, OWNER: "renamed" }));
  const pass = async (adopt?: PassRequest["adopt"]): Promise<Report> => {
    await opened.world.clock.advance(60_000);
    const request = { cause: "resync", policy: policyOf("install"), signal: AbortSignal.timeout(60_000) } as const;
    const report = await reconcile(extensionFlow, opened.cluster, renamed, { ...request, ...(adopt && { adopt }) });
    if (typeof report === "string") throw new Error(report);
    return report;
  };
  return { opened, pass };
}

test("the app deployed under another name changes nothing, until a resync with adopt takes over, without an upgrade", async () => {
  const { opened, pass } = await openRenamed();
  const before = upgradesOf(opened);
  expect(setVerdicts(await pass())).toEqual(["win1 refused other-owner", "win2 refused other-owner"]);
  expect(setVerdicts(await pass({ pool: undefined }))).toEqual(["win1 acting adopted", "win2 acting adopted"]);
  await pass();
  expect(setVerdicts(await pass())).toEqual(["win1 at-rest", "win2 at-rest"]);
  expect(upgradesOf(opened)).toBe(before);
});

test("adopt in one pool leaves the other to its owner", async () => {
  const { pass } = await openRenamed();
  expect(setVerdicts(await pass({ pool: "win2" }))).toEqual(["win1 refused other-owner", "win2 acting adopted"]);
  await pass();
  expect(setVerdicts(await pass())).toEqual(["win1 refused other-owner", "win2 at-rest"]);
});

test("an owner that writes again after it was taken over is refused again", async () => {
  const { opened, pass } = await openRenamed();
  await pass({ pool: undefined });
  await pass();
  // The other copy takes over in turn: neither undoes the other's write by itself.
  const signal = AbortSignal.timeout(60_000);
  const request = { cause: "resync", policy: policyOf("install"), signal, adopt: { pool: "win1" } } as const;
  await opened.world.clock.advance(60_000);
  await reconcile(extensionFlow, opened.cluster, opened.deps, request);
  await opened.world.clock.advance(60_000);
  expect(setVerdicts(await pass())).toEqual(["win1 refused other-owner", "win2 at-rest"]);
});
