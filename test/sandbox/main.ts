import { choosePort } from "../ports.ts";
import { HELP, parseSandboxArguments, type SandboxArguments } from "./arguments.ts";
import { startControl } from "./control.ts";
import { Narrator } from "./narrator.ts";
import { pace } from "./pace.ts";
import { randomStory } from "./random-story.ts";
import { openSandbox, type Sandbox } from "./sandbox.ts";
import { play, type Step, STORY } from "./story.ts";

const print = (line: string): void => console.log(line);
const NARRATED_EVERY_MS = 1_000;
/** The exit code of a program that a signal ended, as a shell has it for SIGINT. */
const INTERRUPTED = 130;

/** Runs the sandbox (`npm start`): an AKS cluster, its storage and the app on this machine; see docs/sandbox.md. */
async function main(): Promise<number> {
  const args = parseSandboxArguments(process.argv.slice(2), process.env);
  if (args.help) {
    print(HELP);
    return 0;
  }
  const ports = { env: process.env, print };
  const hostPort = await choosePort("SANDBOX_PORT", 7071, ports);
  const sandbox = await openSandbox({ hostPort, arm: { seed: args.seed ?? 1 } }, args.app);
  const control = await startControl(sandbox, await choosePort("SANDBOX_CONTROL_PORT", 7072, ports));
  try {
    const signal = interrupted();
    return (await Promise.race([run(sandbox, control.url, args), signal])) ?? INTERRUPTED;
  } finally {
    await control.stop();
    await sandbox.stop();
  }
}

/** Plays the story, then lives on until a signal; returns the exit code. */
async function run(sandbox: Sandbox, controlUrl: string, args: SandboxArguments): Promise<number | undefined> {
  const narrator = new Narrator(sandbox.host, print);
  const tell = (): Promise<void> => narrator.tell();
  print(`Status page:  ${narrator.page}`);
  print(`Control API:  ${controlUrl}`);
  print(`Not simulated: ${sandbox.real.join(", ")}. The rest behaves as docs/sandbox.md says.`);
  print("");
  const steps = stepsOf(args);
  const wrong = await play(sandbox, steps, { print, tell });
  if (args.once) {
    print(wrong.length === 0 ? `All ${steps.length} steps converged.` : `Stopped: ${wrong.length} checks failed.`);
    return wrong.length === 0 ? 0 : 1;
  }
  printCalls(sandbox, controlUrl, args.speed);
  const stopPacing = pace(sandbox.world.clock, sandbox.host, args.speed);
  const narrating = setInterval(() => void tell().catch(() => undefined), NARRATED_EVERY_MS);
  await interrupted();
  clearInterval(narrating);
  stopPacing();
  return 0;
}

/** Returns the steps to play. Without a story, this is the first step only: the installation of the package. */
function stepsOf({ seed, noStory }: SandboxArguments): readonly Step[] {
  if (noStory) return STORY.slice(0, 1);
  return seed === undefined ? STORY : [...STORY.slice(0, 1), ...randomStory(seed)];
}

function printCalls({ host }: Sandbox, controlUrl: string, speed: number): void {
  print(`Idle time runs at ${speed} times real time. Break something and watch the app repair it:`);
  print(`  curl -X POST ${controlUrl}/world/pools/win1/reconcile; curl ${controlUrl}/world`);
  print(`  curl -X POST -d '' '${host.url}/api/resync?dry-run&code=${host.functionKeys["resync"]}'`);
}

/** Ends with a signal, in the story too, so that no folder and no process stays behind. */
function interrupted(): Promise<undefined> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve(undefined));
    process.once("SIGTERM", () => resolve(undefined));
  });
}

try {
  // A story that a signal has interrupted would go on.
  process.exit(await main());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
