import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

/** The sandbox in a process of its own, as `npm start` runs it. */
export interface StartedSandbox {
  readonly program: ChildProcess;
  /** What it has printed. */
  readonly output: () => string;
  /** Waits until it has printed this; returns the groups of the match. */
  printed(pattern: RegExp): Promise<readonly string[]>;
  /** Ends it by a signal, and waits for that. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts the sandbox on free ports. */
export function startSandbox(args: readonly string[], env: Readonly<Record<string, string>> = {}): StartedSandbox {
  const ports = { SANDBOX_PORT: "0", SANDBOX_CONTROL_PORT: "0" };
  const program = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, ...ports, ...env } });
  let output = "";
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const look of waiting) look();
  };
  for (const stream of [program.stdout, program.stderr]) {
    stream.on("data", (part: Buffer) => {
      output += String(part);
      wake();
    });
  }
  program.on("exit", wake);
  const printed = (pattern: RegExp): Promise<readonly string[]> => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
    const look = (): void => {
      const found = pattern.exec(output);
      if (found) resolve(found);
      else if (program.exitCode !== null) reject(new Error(`the sandbox ended with ${program.exitCode}:\n${output}`));
    };
    waiting.add(look);
    look();
    return promise.finally(() => waiting.delete(look));
  };
  const stop = async (signal: NodeJS.Signals = "SIGTERM"): Promise<void> => {
    if (program.exitCode !== null || program.signalCode !== null) return;
    program.kill(signal);
    await once(program, "exit");
  };
  return { program, output: () => output, printed, stop };
}
