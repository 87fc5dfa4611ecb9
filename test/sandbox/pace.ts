import type { Clock } from "../clock.ts";
import type { FunctionsHost } from "../simulators/host/functions-host.ts";

const TICK_MS = 250;
/** Time is skipped only where nothing was asked of the app for so long: a burst of calls meets one moment. */
const QUIET_MS = 1_000;

/** Lets idle time pass `speed` times as fast as it does. Returns what stops it. */
export function pace(clock: Clock, host: FunctionsHost, speed: number): () => void {
  let isAdvancing = false;
  const timer = setInterval(() => {
    if (isAdvancing || speed <= 1 || performance.now() - host.lastInvocationEndedAt() < QUIET_MS) return;
    isAdvancing = true;
    void clock.advance(TICK_MS * (speed - 1)).finally(() => {
      isAdvancing = false;
    });
  }, TICK_MS);
  return () => clearInterval(timer);
}
