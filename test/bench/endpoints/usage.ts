import { readFileSync } from "node:fs";

/** CPU time in milliseconds, current and peak resident memory in MiB. */
export interface Usage {
  readonly cpuMs: number;
  readonly mib: number;
  readonly peakMib: number;
}

/** A tick of the kernel's clock, in which it counts CPU time, on every Linux that Node runs on. */
const TICK_MS = 10;

/** Returns what a process uses, from Linux' `/proc`. */
export function usageOf(pid: number): Usage {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
  // The name of the program, in brackets, can contain spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  const [user, system] = [fields[11], fields[12]].map(Number);
  return { cpuMs: ((user ?? 0) + (system ?? 0)) * TICK_MS, mib: mib("VmRSS"), peakMib: mib("VmHWM") };
}
