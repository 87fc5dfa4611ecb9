import { relative } from "node:path";
import type { Reporter, TestModule, Vitest } from "vitest/node";

/** Prints the seconds of each folder of test/: `31 s in test/dsc`. */
export default class FolderSecondsReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const { root = "", maxWorkers } = this.#vitest?.config ?? {};
    const seconds = new Map<string, number>();
    for (const module of modules) {
      const folder = relative(root, module.moduleId).split(/[\\/]/).slice(0, 2).join("/");
      seconds.set(folder, (seconds.get(folder) ?? 0) + secondsOf(module));
    }
    console.log(
      `\nSeconds of the test files in each folder, added up; at most ${maxWorkers} files run at the same time:`,
    );
    for (const [folder, each] of [...seconds].toSorted(([, a], [, b]) => b - a)) {
      console.log(`${each.toFixed(0).padStart(6)} s in ${folder}`);
    }
  }
}

/** Returns how long a file occupied its worker, but for the start of the process. */
function secondsOf(module: TestModule): number {
  const { environmentSetupDuration, prepareDuration, setupDuration, collectDuration, duration } = module.diagnostic();
  return (environmentSetupDuration + prepareDuration + setupDuration + collectDuration + duration) / 1_000;
}
