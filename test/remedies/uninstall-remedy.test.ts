import { expect, test } from "vitest";
import { see } from "../stories/seen.ts";
import { exportersOn, openPools, untilDeleted, untilInstalled } from "../stories/uninstall-scenes.ts";
import { openShell } from "./shell.ts";

test.skipIf(process.platform === "win32")(
  "a pool that left POOLS is uninstalled by the command as it is printed, and the ones before it too (not on Windows)",
  async () => {
    const opened = await openPools([1, 1]);
    await untilInstalled(opened);
    const unmanaged = opened.restart({ POOLS: "win3", UNINSTALL_POOLS: "win2" });
    await unmanaged.live(2);
    const pool = (await see(unmanaged)).pools.find((each) => each.pool === "win1");
    expect(pool?.conditions).toMatchObject([{ state: "unmanaged", level: "well", healsItself: true }]);
    const shell = await openShell(opened.world);
    const ended = await shell.run(pool?.conditions[0]?.remedy?.command ?? "");
    expect([ended.exitCode, ended.stderr]).toEqual([0, ""]);
    expect(shell.appSettings).toEqual({ UNINSTALL_POOLS: "win2,win1" });
    const passes = unmanaged.restart(shell.appSettings);
    await untilDeleted(passes);
    await untilDeleted(passes, "win2");
    expect([...exportersOn(passes), ...exportersOn(passes, "win2")]).toEqual([]);
    await shell.stop();
    await opened.world.stop();
  },
);
