import { spawnSync } from "node:child_process";

const PROGRAM = "azd";

/** Runs azd in front of whoever runs the hook, and not in a shell: each has other rules for the quotes of JSON. */
export function runAzd(...args: readonly string[]): number {
  return spawnSync(PROGRAM, args, { stdio: "inherit" }).status ?? 1;
}
