const NAMES: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Whether an address belongs to this machine. */
export function isThisMachine(url: string): boolean {
  return NAMES.has(new URL(url).hostname);
}
