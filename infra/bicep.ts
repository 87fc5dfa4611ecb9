import { spawnSync } from "node:child_process";

/** What the Bicep CLI did; `said` is what it printed beside its result: it ends with 0 after a warning. */
export interface BicepRun {
  readonly status: number | null;
  readonly output: string;
  readonly said: string;
}

/** Runs the Bicep CLI that `BICEP` names, with this process' variables or with those that are given. */
export function runBicep(args: readonly string[], env: NodeJS.ProcessEnv = process.env): BicepRun {
  const cli = process.env["BICEP"];
  if (!cli) {
    throw new Error("BICEP is not set: name the Bicep CLI, which `az bicep install` puts at ~/.azure/bin/bicep");
  }
  const { status, stdout, stderr, error } = spawnSync(cli, [...args], {
    env,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw new Error(`BICEP names '${cli}', which cannot be run: ${error.message}`, { cause: error });
  return { status, output: stdout, said: stderr.trim() };
}
