import { spawnSync } from "node:child_process";

/** The result of a Bicep CLI command. Check `diagnostics` too: with warnings only, the exit code is 0. */
export interface BicepRun {
  readonly status: number | null;
  readonly output: string;
  readonly diagnostics: string;
}

/** Runs the Bicep CLI at the path in `BICEP`, by default with the environment of this process. */
export function runBicep(args: readonly string[], env: NodeJS.ProcessEnv = process.env): BicepRun {
  const cli = process.env["BICEP"];
  if (!cli) {
    throw new Error(
      "BICEP is not set. Set it to the path of the Bicep CLI; `az bicep install` installs it at ~/.azure/bin/bicep.",
    );
  }
  const { status, stdout, stderr, error } = spawnSync(cli, [...args], {
    env,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) {
    throw new Error(`BICEP is '${cli}', which cannot be run: ${error.message}. Set it to the path of the Bicep CLI.`, {
      cause: error,
    });
  }
  return { status, output: stdout, diagnostics: stderr.trim() };
}
