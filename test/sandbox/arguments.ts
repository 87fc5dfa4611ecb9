import { parseArgs } from "node:util";

/** How the sandbox is to run. */
export interface SandboxArguments {
  /** Play the story and end. */
  readonly once: boolean;
  /** Start at rest and wait. */
  readonly noStory: boolean;
  /** Play a random story in place of the fixed one. */
  readonly seed: number | undefined;
  /** How many times as fast as it does idle time passes. */
  readonly speed: number;
  /** The folder of the app to run in place of the packaged one, with a `package.json` that names its entry. */
  readonly app: string | undefined;
}

const DEFAULT_SPEED = 60;

/** Reads the command line and SANDBOX_SPEED; throws with what was found and what was expected. */
export function parseSandboxArguments(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): SandboxArguments {
  const flags = { once: { type: "boolean" }, "no-story": { type: "boolean" } } as const;
  const options = { ...flags, seed: { type: "string" }, app: { type: "string" } } as const;
  const { values } = parseArgs({ args: [...args], options, strict: true });
  const { once = false, "no-story": noStory = false, seed, app } = values;
  if (once && noStory) throw new Error("found --once and --no-story, expected one of them");
  if (noStory && seed !== undefined) throw new Error("found --seed and --no-story, expected one of them");
  const speed = env["SANDBOX_SPEED"] ? Number(env["SANDBOX_SPEED"]) : DEFAULT_SPEED;
  if (!(speed >= 1)) throw new Error(`SANDBOX_SPEED: found '${env["SANDBOX_SPEED"]}', expected a number from 1`);
  return { once, noStory, seed: seed === undefined ? undefined : parseSeed(seed), speed, app };
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!Number.isInteger(seed)) throw new Error(`--seed: found '${text}', expected a whole number`);
  return seed;
}
