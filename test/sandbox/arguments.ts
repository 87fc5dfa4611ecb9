import { parseArgs } from "node:util";

/** The options of the sandbox. */
export interface SandboxArguments {
  /** Exits after the story. */
  readonly once: boolean;
  /** Starts with everything installed and plays no story. */
  readonly noStory: boolean;
  /** Plays a random story instead of the fixed one. */
  readonly seed: number | undefined;
  /** The speed of idle time, as a multiple of real time. */
  readonly speed: number;
  /** Runs no app: another process is to run it. */
  readonly noApp: boolean;
  /** The folder of an app to run instead of the packaged one; its `package.json` names the entry point. */
  readonly app: string | undefined;
  /** Opens the page in the browser. */
  readonly open: boolean;
  /** Prints the options and exits. */
  readonly help: boolean;
}

/** The text of `--help`. */
export const HELP = `npm start -- [options]     runs an AKS cluster, its storage and the app on this machine

  --open         open the page in the browser
  --once         play the story, check each step, and exit with 0 or 1
  --no-story     start with everything installed, and play no story
  --seed N       play a random story instead of the fixed one
  --app FOLDER   run the app in a folder instead of the packaged one
  --no-app       run no app: point a Functions host at GET /settings, and tell it by POST /host

SANDBOX_SPEED=N          speed of idle time, as a multiple of real time (60)
SANDBOX_PORT             port of the app (7071)
SANDBOX_CONTROL_PORT     port of the page and of the control API (7072)

docs/sandbox.md describes each call with which you can break something.`;

const DEFAULT_SPEED = 60;
const CONTRARY = [
  ["--once", "--no-story"],
  ["--seed", "--no-story"],
  ["--once", "--no-app"],
  ["--seed", "--no-app"],
  ["--app", "--no-app"],
];

/** Parses the command line and SANDBOX_SPEED; an error has the value that was found and the expected one. */
export function parseSandboxArguments(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): SandboxArguments {
  const [flag, text] = [{ type: "boolean", default: false }, { type: "string" }] as const;
  const options = { once: flag, "no-story": flag, "no-app": flag, open: flag, help: flag, seed: text, app: text };
  const { values } = parseArgs({ args: [...args], options, strict: true });
  const { once, "no-story": noStory, "no-app": noApp, open, help, seed, app } = values;
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === false ? [] : [`--${name}`],
  );
  for (const pair of CONTRARY) {
    if (!pair.every((name) => given.includes(name))) continue;
    throw new Error(`found ${pair.join(" and ")}, expected one of them`);
  }
  // Another process cannot follow a clock that jumps.
  const speed = parseSpeed(env["SANDBOX_SPEED"], noApp ? 1 : DEFAULT_SPEED);
  return { once, noStory, seed: seed === undefined ? undefined : parseSeed(seed), speed, app, noApp, open, help };
}

function parseSpeed(text: string | undefined, fallback: number): number {
  const speed = text ? Number(text) : fallback;
  if (speed >= 1) return speed;
  throw new Error(`SANDBOX_SPEED: found '${text}', expected a number of at least 1`);
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!Number.isInteger(seed)) throw new Error(`--seed: found '${text}', expected a whole number`);
  return seed;
}
