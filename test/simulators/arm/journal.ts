import { isRecord } from "./http.ts";

/** One request, or one write of AKS, with what was answered. */
export interface JournalEntry {
  n: number;
  at: string;
  who: string;
  method: string;
  action: string;
  path: string;
  status: number;
  /** The request body, with protectedSettings hidden. */
  body?: unknown;
  apiVersion?: string;
}

/** Everything that was asked of ARM, in order. */
export class Journal {
  readonly entries: JournalEntry[] = [];
  readonly listeners: ((entry: JournalEntry) => void)[] = [];

  add(entry: Omit<JournalEntry, "n">): void {
    const { body, ...rest } = entry;
    const made = { n: this.entries.length + 1, ...rest, ...(body !== undefined && { body: hideSecrets(body) }) };
    this.entries.push(made);
    for (const listener of this.listeners) listener(made);
  }
}

/** A copy in which every protectedSettings reads "(hidden)". */
export function hideSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hideSecrets);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, member]) =>
      key.toLowerCase() === "protectedsettings" ? [key, "(hidden)"] : [key, hideSecrets(member)],
    ),
  );
}
