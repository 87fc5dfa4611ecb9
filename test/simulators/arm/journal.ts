import type { Engine } from "./engine.ts";
import { parseJson } from "./http.ts";

/** One request to ARM, or one write of AKS, with the status of its response. */
export interface JournalEntry {
  n: number;
  at: string;
  who: string;
  method: string;
  action: string;
  /** The permissions that the request needed; reading an operation that the caller started needs none. */
  permissions: readonly string[];
  path: string;
  status: number;
  /** The request body, with protectedSettings hidden. */
  body?: unknown;
  apiVersion: string;
}

/** Adds a request to the journal and calls the listeners. */
export function addToJournal(
  engine: Engine,
  body: string | undefined,
  request: Omit<JournalEntry, "n" | "at" | "body">,
): void {
  const shown = body ? { body: parseJson(body, hide) ?? "(not JSON)" } : {};
  const entry = { n: engine.journal.length + 1, at: engine.flow.iso(), ...request, ...shown };
  engine.journal.push(entry);
  for (const listener of engine.listeners) listener(entry);
}

function hide(key: string, value: unknown): unknown {
  return /^protectedSettings$/i.test(key) ? "(hidden)" : value;
}
