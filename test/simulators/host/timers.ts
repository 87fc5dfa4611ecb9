import { Cron } from "croner";
import type { Clock } from "../../clock.ts";
import type { HostedFunction, RpcData } from "./core-api.ts";

function parseSchedule(expression: string): Cron {
  const resolved = expression.replace(/%([^%]+)%/g, (whole, name: string) => {
    const value = process.env[name];
    if (value === undefined) throw new Error(`'${whole}' does not resolve to a value.`);
    return value;
  });
  try {
    // croner takes more than NCRONTAB (L, W, #, ?, @daily, a year). Time spans, which some plans take, are not modelled.
    if (!/^([\d*,/\s-]|\b[a-z]{3}\b)+$/i.test(resolved)) throw new Error("Not an NCRONTAB expression.");
    return new Cron(resolved, { timezone: "UTC", paused: true, mode: "5-or-6-parts", domAndDow: true });
  } catch (cause) {
    const message = `The schedule expression '${resolved}' was not recognized as a valid cron expression`;
    throw new Error(`${message} or timespan string.`, { cause });
  }
}

const dateText = (at: number | undefined): string =>
  at === undefined ? "0001-01-01T00:00:00+00:00" : new Date(at).toISOString().replace(/(\.000)?Z$/, "+00:00");

/** A timer function that was started: `stop` calls off its next run. */
export interface Timer {
  runByHand(): Promise<unknown>;
  stop(): void;
}

/** Starts a timer on the clock, as a host does that has stored nothing: never past due. */
export function startTimer(
  clock: Clock,
  options: HostedFunction["options"],
  run: (data: RpcData) => Promise<unknown>,
): Timer {
  const schedule = parseSchedule(String(options["schedule"]));
  const following = (at: number): number | undefined => schedule.nextRun(new Date(at))?.getTime();
  // The real host keeps no status of a schedule of less than a minute.
  const [first = 0, second = Infinity] = schedule.nextRuns(2, new Date(clock.now())).map(Number);
  const monitored = options["useMonitor"] !== false && second - first >= 60_000;
  let last: number | undefined;
  let next = following(clock.now());
  let cancel: (() => void) | undefined;
  let stopped = false;

  const runByHand = (): Promise<unknown> => {
    const status = { Last: dateText(last), Next: dateText(next), LastUpdated: dateText(last) };
    const timer = { Schedule: { AdjustForDST: true }, ScheduleStatus: monitored ? status : null, IsPastDue: false };
    return run({ json: JSON.stringify(timer) });
  };
  const onSchedule = async (): Promise<void> => {
    const began = clock.now();
    // The throw stands in the log; the next run is simply the next one of the schedule.
    await runByHand().catch(() => undefined);
    last = began;
    next = following(began);
    plan(next);
  };
  const plan = (at: number | undefined): void => {
    if (at !== undefined && !stopped) cancel = clock.schedule(at, onSchedule);
  };
  plan(options["runOnStartup"] === true ? clock.now() : next);
  const stop = (): void => {
    stopped = true;
    cancel?.();
  };
  return { runByHand, stop };
}
