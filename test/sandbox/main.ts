import { choosePort } from "../ports.ts";
import { HELP, parseSandboxArguments, type SandboxArguments } from "./arguments.ts";
import { startControl } from "./control.ts";
import { plainLine } from "./feed.ts";
import { leaveNothing } from "./leave-nothing.ts";
import { Narrator } from "./narrator.ts";
import { openBrowser } from "./open-browser.ts";
import { randomStory } from "./random-story.ts";
import { openSandbox, type Sandbox } from "./sandbox.ts";
import { play, type Step, STORY } from "./story.ts";

const print = (line: string): void => console.log(line);
const NARRATED_EVERY_MS = 1_000;

/** Runs the sandbox (`npm start`): an AKS cluster, its storage and the app on this machine; see docs/sandbox.md. */
async function main(end: (code: number) => never): Promise<void> {
  const args = parseSandboxArguments(process.argv.slice(2), process.env);
  if (args.help) {
    print(HELP);
    end(0);
  }
  const ports = { env: process.env, print };
  const control = await startControl(await choosePort("SANDBOX_CONTROL_PORT", 7072, ports));
  print(`Sandbox:      ${control.url}  (the page and the control API)`);
  if (args.open) openBrowser(control.url);
  const hostPort = await choosePort("SANDBOX_PORT", 7071, ports);
  const { app: appFolder, noApp, seed = 1, speed } = args;
  const sandbox = await openSandbox({ hostPort, arm: { seed }, appFolder, noApp, speed });
  control.show(sandbox);
  printAddresses(sandbox, control.url);
  sandbox.feed.listen((line) => print(plainLine(line)));
  const wrong = await run(sandbox, args);
  if (args.once) end(wrong.length === 0 ? 0 : 1);
  print(
    `\nIdle time runs at ${speed} times real time. Make something happen: click at ${control.url}, or paste a call:`,
  );
  print(`  curl -X POST ${control.url}/world/pools/win1/reconcile`);
}

/** Plays the story, then lives on; returns the failed checks of the story. */
async function run(sandbox: Sandbox, args: SandboxArguments): Promise<readonly string[]> {
  const narrator = new Narrator(sandbox);
  const tell = (): Promise<void> => narrator.tell();
  const { feed, pace, app } = sandbox;
  const steps = app.host ? stepsOf(args) : [];
  const wrong = await play(sandbox, steps, { feed, tell });
  const text = wrong.length === 0 ? `Every step converged (${steps.length}).` : `${wrong.length} checks failed.`;
  if (steps.length > 0) feed.add({ who: "story", text, level: wrong.length === 0 ? "well" : "trouble" });
  pace.start();
  setInterval(() => void tell().catch(() => undefined), NARRATED_EVERY_MS);
  return wrong;
}

/** Returns the steps to play. Without a story, this is the first step only: the installation of the package. */
function stepsOf({ seed, noStory }: SandboxArguments): readonly Step[] {
  if (noStory) return STORY.slice(0, 1);
  return seed === undefined ? STORY : [...STORY.slice(0, 1), ...randomStory(seed)];
}

function printAddresses({ app: { host }, real }: Sandbox, controlUrl: string): void {
  if (host) print(`Status page:  ${host.url}/api/status?code=${host.functionKeys["status"] ?? ""}`);
  else print(`No app: a Functions host with the settings of ${controlUrl}/settings runs it.`);
  print(`Control API:  ${controlUrl}`);
  print(`Not simulated: ${real.join(", ")}. The rest behaves as docs/sandbox.md says.`);
  print("");
}

const { end } = leaveNothing();
try {
  await main(end);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  end(2);
}
