import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";
import { once } from "node:events";

/** A program that ends with the process of the tests. */
export interface Program {
  readonly child: ChildProcess;
  /** Kills the program, and waits until it has ended. */
  readonly stop: () => Promise<void>;
}

/** Starts a program without a shell. By default its output is ignored. */
export function startProgram(file: string, args: readonly string[], stdio: StdioOptions = "ignore"): Program {
  const child = spawn(file, args, { stdio });
  const kill = (): boolean => child.kill("SIGKILL");
  // In case the test process ends without running its hooks.
  process.once("exit", kill);
  return {
    child,
    stop: async () => {
      process.off("exit", kill);
      if (child.exitCode !== null || child.signalCode !== null) return;
      kill();
      await once(child, "exit");
    },
  };
}
