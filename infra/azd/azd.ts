import { spawnSync } from "node:child_process";

const PROGRAM = "azd";

/** Runs azd, shows its output and returns its exit code. Uses no shell, because shells quote JSON differently. */
export function runAzd(...args: readonly string[]): number {
  return spawnSync(PROGRAM, args, { stdio: "inherit" }).status ?? 1;
}
