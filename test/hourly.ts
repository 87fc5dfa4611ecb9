import type { Clock } from "./clock.ts";
import type { FunctionsHost } from "./simulators/host/functions-host.ts";

const HOUR_MS = 3_600_000;

/** Returns the host's setting that keeps a timer from firing, so that only `runHourly` runs its function. */
export function disabled(name: string): Readonly<Record<string, string>> {
  return { [`AzureWebJobs.${name}.Disabled`]: "true" };
}

/** Runs a disabled timer function once per hour, at this minute. */
export function runHourly(name: string, { host, clock }: { host: FunctionsHost; clock: Clock }, minute: number): void {
  const runNow = host.functions.find((each) => each.name === name)?.runNow;
  if (!runNow) throw new Error(`the host has no timer ${name}`);
  const scheduleNext = (): void => {
    const offset = minute * 60_000;
    const next = (Math.floor((clock.now() - offset) / HOUR_MS) + 1) * HOUR_MS + offset;
    clock.schedule(next, async () => {
      // The host has logged the exception.
      await runNow().catch(() => undefined);
      scheduleNext();
    });
  };
  scheduleNext();
}
