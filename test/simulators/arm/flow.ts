import type { Clock } from "../../clock.ts";
import { randomSequence } from "../../random.ts";

/** Time and randomness. Async functions wait on the clock, and the clock does not jump while one of them works. */
export class Flow {
  readonly clock: Clock;
  #atWork = new Set<Promise<unknown>>();
  readonly #random: () => number;

  constructor(clock: Clock, seed: number) {
    this.clock = clock;
    this.#random = randomSequence(seed);
    clock.addGate(async () => {
      do {
        await Promise.allSettled(this.#atWork);
        // Pending promise callbacks run before the next iteration of the event loop.
        await new Promise((resolve) => setImmediate(resolve));
      } while (this.#atWork.size > 0);
    });
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.schedule(this.clock.now() + ms, resolve);
    });
  }

  /** Holds the clock until real work, such as a download, has finished. */
  hold<T>(work: Promise<T>): Promise<T> {
    this.#atWork.add(work);
    return work.finally(() => this.#atWork.delete(work));
  }

  /** Lets a task run in the background; an error in it is added to the clock's failures. */
  spawn(task: Promise<unknown>): void {
    task.catch((error: unknown) => this.clock.failures.push(error));
  }

  iso(): string {
    return new Date(this.clock.now()).toISOString();
  }

  /** Returns the next number of the seeded sequence, at least 0 and below 1. */
  random(): number {
    return this.#random();
  }

  guid(): string {
    return "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replaceAll("x", () => Math.floor(this.random() * 16).toString(16));
  }

  shuffle<T>(items: readonly T[]): T[] {
    const keyed = items.map((item) => ({ item, key: this.random() }));
    return keyed.toSorted((a, b) => a.key - b.key).map(({ item }) => item);
  }
}
