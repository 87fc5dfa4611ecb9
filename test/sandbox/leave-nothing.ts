import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const PARENT_EVERY_MS = 500;

/**
 * Keeps all temporary files of this process and of its programs in one folder, which is gone once the process has ended:
 * by `end`, by a signal at any moment, or by an error. Programs end by their own listeners of `exit`.
 */
export function leaveNothing(): { readonly end: (code: number) => never } {
  const folder = mkdtempSync(join(tmpdir(), "aks-windows-metrics-"));
  for (const name of ["TMPDIR", "TEMP", "TMP"]) process.env[name] = folder;
  const end = (code: number): never => {
    // The last listener, because a program that still runs could write a file.
    process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
    process.exit(code);
  };
  for (const [signal, code] of Object.entries(SIGNALS)) process.once(signal, () => end(code));
  process.once("uncaughtException", (error) => {
    console.error(error);
    end(2);
  });
  endWithParent(() => end(SIGNALS.SIGTERM));
  return { end };
}

/** npm passes a signal only to the shell between it and this process. */
function endWithParent(end: () => void): void {
  if (process.env["npm_lifecycle_event"] !== "start") return;
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && end(), PARENT_EVERY_MS).unref();
}
