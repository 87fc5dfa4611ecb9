import { choosePort } from "../ports.ts";
import { DEFAULT_UNKNOWNS } from "../simulators/arm/unknowns.ts";
import { parseSandboxArguments, type SandboxArguments } from "./arguments.ts";
import { startControl } from "./control.ts";
import { pace } from "./pace.ts";
import { randomStory } from "./random-story.ts";
import { openSandbox, type Sandbox } from "./sandbox.ts";
import { play, type Step, STORY } from "./story.ts";

const print = (line: string): void => console.log(line);

/** `npm start`: an AKS cluster, the storage and the app on this machine; see docs/sandbox.md. */
async function main(): Promise<number> {
  const args = parseSandboxArguments(process.argv.slice(2), process.env);
  const ports = { env: process.env, print };
  const hostPort = await choosePort("SANDBOX_PORT", 7071, ports);
  const sandbox = await openSandbox({ hostPort, arm: { seed: args.seed ?? 1 } }, args.app);
  const control = await startControl(sandbox, await choosePort("SANDBOX_CONTROL_PORT", 7072, ports));
  print(`app on ${sandbox.host.url}, control on ${control.url}; real parts: ${sandbox.real.join(", ")}`);
  print(
    `not known of Azure, and taken as: ${Object.entries(DEFAULT_UNKNOWNS)
      .map(([name, value]) => `${name} ${value}`)
      .join(", ")}`,
  );
  const wrong = await play(sandbox, stepsOf(args), print);
  if (args.once) {
    print(
      wrong.length === 0
        ? `everything healed; real parts: ${sandbox.real.join(", ")}`
        : `${wrong.length} things are wrong`,
    );
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

/** Without a story, its first step alone: the package is installed, and everything is current. */
function stepsOf({ seed, noStory }: SandboxArguments): readonly Step[] {
  if (noStory) return STORY.slice(0, 1);
  return seed === undefined ? STORY : [...STORY.slice(0, 1), ...randomStory(seed)];
}

function printCalls({ host }: Sandbox, controlUrl: string, speed: number): void {
  print(`idle time passes ${speed} times as fast; break something, and watch it heal:`);
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
