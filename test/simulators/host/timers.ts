import type { Clock } from "../../clock.ts";
import { type NextRun, parseNcrontab } from "./ncrontab.ts";

/**
 * Starts a timer on the clock, as a host without stored state: it is never past due. Returns a function that runs the
 * timer now; while it is disabled, it runs only in this way.
 */
export function startTimer(
  clock: Clock,
  options: { schedule?: string; isDisabled?: () => boolean },
  run: (data: object) => Promise<unknown>,
) {
  const following = parseSchedule(options.schedule);
  let last: number | undefined;
  let next = following(clock.now());
  const runNow = (): Promise<unknown> => {
    const ScheduleStatus = { Last: dateText(last), Next: dateText(next), LastUpdated: dateText(last) };
    return run({ json: JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus, IsPastDue: false }) });
  };
  const runOnSchedule = async (): Promise<void> => {
    const began = clock.now();
    if (!options.isDisabled?.()) {
      // The host has logged the exception, and the schedule continues.
      await runNow().catch(() => undefined);
      last = began;
    }
    next = following(began);
    clock.schedule(next ?? Infinity, runOnSchedule);
  };
  clock.schedule(next ?? Infinity, runOnSchedule);
  return runNow;
}

function parseSchedule(expression = ""): NextRun {
  const resolved = expression.replace(/%([^%]+)%/g, (whole, name: string) => process.env[name] ?? whole);
  if (resolved.includes("%")) throw new Error(`'${resolved}' does not resolve to a value.`);
  try {
    // Time spans, which some plans accept, are not modelled.
    return parseNcrontab(resolved);
  } catch (cause) {
    throw new Error(`'${resolved}' was not recognized as a valid cron expression or timespan string.`, { cause });
  }
}

const dateText = (at: number | undefined): string =>
  at === undefined ? "0001-01-01T00:00:00+00:00" : new Date(at).toISOString().replace(/(\.000)?Z$/, "+00:00");
