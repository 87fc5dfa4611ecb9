import type { Command } from "./remedy-context.ts";

/** What ends a state: a person, by the text and the command, or the app or AKS by itself. */
export interface RemedyEntry {
  readonly text: string;
  readonly command?: Command;
  /** Whether the app or AKS ends it without a person. */
  readonly heals?: true;
}

/** Returns the entry of what the app or AKS ends. */
export function none(text: string): RemedyEntry {
  return { text: `None needed. ${text}`, heals: true };
}
