import { choosePort } from "../ports.ts";
import { DEFAULT_UNKNOWNS } from "../simulators/arm/unknowns.ts";
import { parseSandboxArguments, type SandboxArguments } from "./arguments.ts";
import { startControl } from "./control.ts";
import { pace } from "./pace.ts";
import { randomStory } from "./random-story.ts";
import { openSandbox, type Sandbox } from "./sandbox.ts";
import { play, type Step, STORY } from "./story.ts";

const print = (line: string): void => console.log(line);

/** Runs the sandbox (`npm start`): an AKS cluster, its storage and the app on this machine; see docs/sandbox.md. */
async function main(): Promise<number> {
  const args = parseSandboxArguments(process.argv.slice(2), process.env);
  const ports = { env: process.env, print };
  const hostPort = await choosePort("SANDBOX_PORT", 7071, ports);
  const sandbox = await openSandbox({ hostPort, arm: { seed: args.seed ?? 1 } }, args.app);
  const control = await startControl(sandbox, await choosePort("SANDBOX_CONTROL_PORT", 7072, ports));
  printParts(sandbox, control.url);
  const steps = stepsOf(args);
  const wrong = await play(sandbox, steps, print);
  if (args.once) {
    print(wrong.length === 0 ? `All ${steps.length} steps converged.` : `Stopped: ${wrong.length} checks failed.`);
    await control.stop();
    await sandbox.stop();
    return wrong.length === 0 ? 0 : 1;
  }
  printCalls(sandbox, control.url, args.speed);
  const stopPacing = pace(sandbox.world.clock, sandbox.host, args.speed);
  await interrupted();
  stopPacing();
  await control.stop();
  await sandbox.stop();
  return 0;
}

/** Returns the steps to play. Without a story, this is the first step only: the installation of the package. */
function stepsOf({ seed, noStory }: SandboxArguments): readonly Step[] {
  if (noStory) return STORY.slice(0, 1);
  return seed === undefined ? STORY : [...STORY.slice(0, 1), ...randomStory(seed)];
}

function printParts({ host, real }: Sandbox, controlUrl: string): void {
  print(`App: ${host.url}`);
  print(`Control API: ${controlUrl}`);
  print(`Not simulated: ${real.join(", ")}`);
  print("Assumptions about undocumented behavior of Azure (docs/sandbox.md):");
  for (const [name, value] of Object.entries(DEFAULT_UNKNOWNS)) print(`  ${name}: ${value}`);
}

function printCalls({ host }: Sandbox, controlUrl: string, speed: number): void {
  print(`Idle time runs at ${speed} times real time. Break something and watch the app repair it:`);
  print(`  curl -X POST ${controlUrl}/world/pools/win1/reconcile; curl ${controlUrl}/world`);
  print(`  curl -X POST '${host.url}/api/resync?dry-run&code=${host.functionKeys["resync"]}'`);
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
