/** A task at a time of the clock, which waits for it before it advances further. */
type Task = () => void | Promise<void>;

interface Due {
  readonly at: number;
  readonly order: number;
  readonly task: Task;
}

const RealDate = globalThis.Date;
const MINUTE_MS = 60_000;

/**
 * The clock of a process: real time plus an offset that only grows. Timers stay real; `Date` follows the clock after
 * `shiftDate`. Tasks run in order: when real time reaches them (`start`), or immediately in `advance`.
 */
export class Clock {
  #offsetMs = 0;
  #count = 0;
  #due: Due[] = [];
  #pump: NodeJS.Timeout | undefined;
  #advancing: Promise<void> = Promise.resolve();
  readonly #gates: (() => Promise<void>)[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly failures: unknown[] = [];

  /**
   * Skips to a second after the next full minute. Timers fire at full minutes: a test that begins there sees none before
   * it advances the clock, whatever the time of day.
   */
  skipToMinute(): void {
    this.#offsetMs += MINUTE_MS - (this.now() % MINUTE_MS) + 1000;
  }

  /** Milliseconds since 1970. */
  now(): number {
    return RealDate.now() + this.#offsetMs;
  }

  /** Runs `task` when the clock reaches `at` (milliseconds since 1970); returns a function that cancels it. */
  schedule(at: number, task: Task): () => void {
    const due: Due = { at, order: this.#count++, task };
    this.#due.push(due);
    this.#due.sort((a, b) => a.at - b.at || a.order - b.order);
    return () => {
      this.#due = this.#due.filter((other) => other !== due);
    };
  }

  /** Adds a gate that the clock awaits before each jump: a host holds the clock while an invocation runs. */
  addGate(gate: () => Promise<void>): void {
    this.#gates.push(gate);
  }

  /** Advances the clock by `ms`, from one due task to the next, and waits for each task. */
  advance(ms: number): Promise<void> {
    this.#advancing = this.#advancing.then(() => this.#advanceTo(this.now() + ms));
    return this.#advancing;
  }

  async #advanceTo(target: number): Promise<void> {
    for (;;) {
      await this.#settle();
      const next = this.#due[0];
      if (!next || next.at > target) break;
      this.#jumpTo(next.at);
      this.#due.shift();
      await this.#run(next);
    }
    this.#jumpTo(target);
  }

  #jumpTo(at: number): void {
    this.#offsetMs += Math.max(0, at - this.now());
  }

  async #settle(): Promise<void> {
    for (const gate of this.#gates) await gate();
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #run(due: Due): Promise<void> {
    const run = (async () => {
      try {
        await due.task();
      } catch (error) {
        this.failures.push(error);
      }
    })();
    this.#running.add(run);
    return run.finally(() => this.#running.delete(run));
  }

  /** Cancels all tasks and removes all gates; the time does not change. */
  clear(): void {
    this.#due = [];
    this.#gates.length = 0;
    this.failures.length = 0;
  }

  /** Follows real time: due tasks run within 20 ms. */
  start(): void {
    this.#pump ??= setInterval(() => {
      while (this.#due[0] && this.#due[0].at <= this.now()) {
        const due = this.#due.shift();
        if (due) void this.#run(due);
      }
    }, 20);
  }

  stop(): void {
    clearInterval(this.#pump);
    this.#pump = undefined;
  }

  /** Makes this process's `Date` follow the clock; returns a function that restores it. */
  shiftDate(): () => void {
    const now = (): number => this.now();
    globalThis.Date = new Proxy(RealDate, {
      construct: (target, args: [], newTarget) =>
        Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as object,
      apply: () => new RealDate(now()).toString(),
      get: (target, key, receiver) => (key === "now" ? now : (Reflect.get(target, key, receiver) as unknown)),
    });
    return () => {
      globalThis.Date = RealDate;
    };
  }
}
