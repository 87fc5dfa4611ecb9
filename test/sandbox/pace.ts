import type { Clock } from "../clock.ts";
import type { FunctionsHost } from "../simulators/host/functions-host.ts";

const TICK_MS = 250;
/** The clock jumps only after the app has been idle for this time, so that a burst of calls runs at one time. */
const QUIET_MS = 1_000;

/** Runs idle time at a multiple of real time. */
export class Pace {
  speed: number;
  #timer: NodeJS.Timeout | undefined;
  readonly #clock: Clock;
  readonly #host: FunctionsHost | undefined;

  constructor(clock: Clock, host: FunctionsHost | undefined, speed: number) {
    this.#clock = clock;
    this.#host = host;
    this.speed = speed;
  }

  start(): void {
    let isAdvancing = false;
    this.#timer ??= setInterval(() => {
      const quietMs = performance.now() - (this.#host?.lastInvocationEndedAt() ?? -QUIET_MS);
      if (isAdvancing || this.speed <= 1 || quietMs < QUIET_MS) return;
      isAdvancing = true;
      void this.#clock.advance(TICK_MS * (this.speed - 1)).finally(() => {
        isAdvancing = false;
      });
    }, TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
