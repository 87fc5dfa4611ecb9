import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openPasses } from "../passes.ts";
import { openPublisher } from "../sandbox/publisher.ts";
import { failRuns } from "../stories/failing-runs.ts";
import { runRemedy } from "./run-remedy.ts";

test.skipIf(process.platform === "win32")(
  "a package that fails on its canary is rolled back by the command as it is printed (not on Windows)",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "releases-"));
    const passes = await openPasses({ isUnpublished: true });
    const { world } = passes;
    const caFile = join(folder, "ca.pem");
    writeFileSync(caFile, world.certificate.cert);
    const publisher = await openPublisher(world, folder, caFile);
    await publisher.publish("0.31.8");
    await passes.live(25);
    await publisher.publish("0.31.9");
    const current: { package: string } = JSON.parse(
      (await world.packageContainer.getBlobClient("current.json").downloadToBuffer()).toString("utf8"),
    );
    failRuns(world.dsc, "package", ({ settings }) => JSON.stringify(settings ?? "").includes(current.package));
    expect(await runRemedy(passes, { reason: "canary-failed" })).toEqual({});
    await publisher.stop();
    await world.stop();
    rmSync(folder, { recursive: true });
  },
);
