import type { Clock } from "../clock.ts";
import type { FunctionsHost } from "../simulators/host/functions-host.ts";

const TICK_MS = 250;
/** The clock jumps only after the app has been idle for this time, so that a burst of calls runs at one time. */
const QUIET_MS = 1_000;

/** Runs idle time at `speed` times real time; returns a function that stops this. */
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
