import type { Level } from "../../shared/report/levels.ts";

/** One line of what happens, for the terminal and the page. */
export interface Line {
  /** ISO 8601, by the sandbox's clock. */
  readonly at: string;
  /** Who did it or says it. */
  readonly who: "story" | "you" | "AKS" | "nodes" | "app";
  readonly text: string;
  readonly level?: Level;
}

const MOST_LINES = 500;

/** What happened, the latest last, and those who listen. */
export class Feed {
  readonly lines: Line[] = [];
  readonly #now: () => number;
  readonly #listeners = new Set<(line: Line) => void>();

  constructor(clock: { readonly now: () => number }) {
    this.#now = () => clock.now();
  }

  /** Tells a line; its time is now, unless it is known. */
  add(line: Omit<Line, "at"> & Partial<Line>): void {
    const told = { at: new Date(this.#now()).toISOString(), ...line };
    this.lines.push(told);
    if (this.lines.length > MOST_LINES) this.lines.shift();
    for (const listener of this.#listeners) listener(told);
  }

  /** Calls `listener` with each new line; returns a function that ends that. */
  listen(listener: (line: Line) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

const SIGNS: Readonly<Record<Level, string>> = { trouble: "! ", waiting: "… ", working: "… ", well: "✓ " };

/** Returns a line as the terminal shows it. */
export function plainLine({ at, who, text, level }: Line): string {
  return `${at.slice(11, 16)}  ${who.padEnd(5)}  ${level === undefined ? "" : SIGNS[level]}${text}`;
}
