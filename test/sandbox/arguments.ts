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
  /** The folder of an app to run instead of the packaged one; its `package.json` names the entry point. */
  readonly app: string | undefined;
}

const DEFAULT_SPEED = 60;

/** Parses the command line and SANDBOX_SPEED; an error has the value that was found and the expected one. */
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
  if (!(speed >= 1)) throw new Error(`SANDBOX_SPEED: found '${env["SANDBOX_SPEED"]}', expected a number of at least 1`);
  return { once, noStory, seed: seed === undefined ? undefined : parseSeed(seed), speed, app };
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!Number.isInteger(seed)) throw new Error(`--seed: found '${text}', expected a whole number`);
  return seed;
}
