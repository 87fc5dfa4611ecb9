import type { Engine } from "./engine.ts";
import { parseJson } from "./http.ts";

/** One request, or one write of AKS, with what was answered. */
export interface JournalEntry {
  n: number;
  at: string;
  who: string;
  method: string;
  action: string;
  /** The permissions that were asked for; whoever started an operation looks at it without any. */
  permissions: readonly string[];
  path: string;
  status: number;
  /** The request body, with protectedSettings hidden. */
  body?: unknown;
  apiVersion: string;
}

/** Notes what was asked of ARM, and tells those who listen. */
export function note(engine: Engine, body: string | undefined, asked: Omit<JournalEntry, "n" | "at" | "body">): void {
  const shown = body ? { body: parseJson(body, hide) ?? "(not JSON)" } : {};
  const entry = { n: engine.journal.length + 1, at: engine.flow.iso(), ...asked, ...shown };
  engine.journal.push(entry);
  for (const listener of engine.listeners) listener(entry);
}

function hide(key: string, value: unknown): unknown {
  return /^protectedSettings$/i.test(key) ? "(hidden)" : value;
}
