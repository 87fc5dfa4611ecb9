import { expect } from "vitest";
import type { Remedy } from "../../shared/report/status.ts";
import type { Passes } from "../passes.ts";
import { see, type Seen } from "../stories/seen.ts";
import { until } from "../stories/state-scenarios.ts";
import { openShell } from "./shell.ts";

/** What a test is about: the problem with a reason, or with a title. */
export type About = { readonly reason: string } | { readonly title: RegExp };

const PATIENCE_MINUTES = 45;

/** Returns the remedy of the problem, once a person sees it; throws if that does not happen. */
async function remedyOf(passes: Passes, about: About): Promise<Remedy> {
  const found = await untilNow(passes, (seen) => findProblem(seen, about) !== undefined);
  const remedy = findProblem(found, about)?.remedy;
  if (!remedy) throw new Error("the problem has no remedy");
  return remedy;
}

/**
 * Runs the command of the problem's remedy as it is printed, and lives on until the problem is gone. Returns the app
 * settings that it set.
 */
export async function runRemedy(passes: Passes, about: About): Promise<Readonly<Record<string, string>>> {
  const { command = "" } = await remedyOf(passes, about);
  expect(command).not.toMatch(/^$|undefined|\[object/);
  const shell = await openShell(passes.world);
  try {
    // kubectl needs the credentials of the cluster, as docs/status.md says.
    const { subscription, resourceGroup, name } = passes.world.cluster;
    const names = `--subscription ${subscription} --resource-group ${resourceGroup} --name ${name}`;
    if (command.includes("kubectl ")) await shell.run(`az aks get-credentials ${names}`);
    const ended = await shell.run(command);
    expect(ended.exitCode, `${command}\n${ended.stderr}`).toBe(0);
    if (Object.keys(shell.appSettings).length > 0) return { ...shell.appSettings };
    await untilNow(passes, (seen) => findProblem(seen, about) === undefined);
    return {};
  } finally {
    await shell.stop();
  }
}

async function untilNow(passes: Passes, fits: (seen: Seen) => boolean): Promise<Seen> {
  const seen = await see(passes);
  return fits(seen) ? seen : until(passes, fits, PATIENCE_MINUTES);
}

function findProblem({ problems }: Seen, about: About) {
  return problems.find((each) => ("reason" in about ? each.reason === about.reason : about.title.test(each.title)));
}
