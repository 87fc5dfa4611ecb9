import { Cron } from "croner";
import type { Clock } from "../../clock.ts";

/** Starts a timer on the clock, as a host does that has stored nothing: never past due. Returns what runs it by hand. */
export function startTimer(clock: Clock, options: { schedule?: string }, run: (data: object) => Promise<unknown>) {
  const schedule = parseSchedule(options.schedule);
  const following = (at: number): number | undefined => schedule.nextRun(new Date(at))?.getTime();
  let last: number | undefined;
  let next = following(clock.now());
  const runNow = (): Promise<unknown> => {
    const ScheduleStatus = { Last: dateText(last), Next: dateText(next), LastUpdated: dateText(last) };
    return run({ json: JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus, IsPastDue: false }) });
  };
  const runOnSchedule = async (): Promise<void> => {
    const began = clock.now();
    // The throw stands in the log; the next run is simply the next one of the schedule.
    await runNow().catch(() => undefined);
    [last, next] = [began, following(began)];
    clock.schedule(next ?? Infinity, runOnSchedule);
  };
  clock.schedule(next ?? Infinity, runOnSchedule);
  return runNow;
}

function parseSchedule(expression = ""): Cron {
  const resolved = expression.replace(/%([^%]+)%/g, (whole, name: string) => process.env[name] ?? whole);
  if (resolved.includes("%")) throw new Error(`'${resolved}' does not resolve to a value.`);
  try {
    // croner takes more than NCRONTAB (L, W, #, ?, @daily, a year). Time spans, which some plans take, are not modelled.
    if (!/^([\d*,/\s-]|\b[a-z]{3}\b)+$/i.test(resolved)) throw new Error("Not an NCRONTAB expression.");
    return new Cron(resolved, { timezone: "UTC", paused: true, mode: "5-or-6-parts", domAndDow: true });
  } catch (cause) {
    throw new Error(`'${resolved}' was not recognized as a valid cron expression or timespan string.`, { cause });
  }
}

const dateText = (at: number | undefined): string =>
  at === undefined ? "0001-01-01T00:00:00+00:00" : new Date(at).toISOString().replace(/(\.000)?Z$/, "+00:00");
