import { readFileSync } from "node:fs";
import { memberOf, textIn } from "../shared/model/json.ts";
import { redact } from "../shared/model/redact.ts";

/** An invalid command line. The usage is shown with the message. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Writes a line to the standard output. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes a progress line to the standard error output. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Runs a command with the arguments of this process. Sets exit code 1 and prints a message if it fails. */
export async function runCommand(usage: string, run: (args: string[]) => Promise<void>): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes("--help")) return say(usage);
  try {
    await run(args);
  } catch (error) {
    process.exitCode = 1;
    tell(redact(explain(error)));
    if (isUsageError(error)) tell(`\n${usage}`);
  }
}

/** Returns the text of a required option. */
export function required(value: string | undefined, option: string): string {
  if (value === undefined || value === "") throw new UsageError(`${option} is missing`);
  return value;
}

/** Reads a file that an option names; throws an error that names the option. */
export function readFor(option: string, path: string): Buffer {
  return namingOption(option, path, () => readFileSync(path));
}

/** Returns what `read` returns, which reads a path that an option names; throws an error that names the option. */
export function namingOption<T>(option: string, path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${option}: ${path} cannot be read (${textIn(error, "code") ?? String(error)})`, { cause: error });
  }
}

/** Whether an error is about the command line; `parseArgs` uses its own error codes. */
function isUsageError(error: unknown): boolean {
  return error instanceof UsageError || (textIn(error, "code") ?? "").startsWith("ERR_PARSE_ARGS");
}

/** Returns a short message for an SDK error, whose own message contains requests, addresses and times. */
function explain(error: unknown): string {
  const status = memberOf(error, "statusCode");
  const code = textIn(error, "code") ?? "no code";
  if (typeof status === "number") return explainStatus(status, code);
  const message = error instanceof Error ? error.message : String(error);
  const name = error instanceof Error ? error.name : "";
  if (/Credential|Authentication/.test(name)) {
    return "no user is signed in to Azure: run az login, or set the variables of DefaultAzureCredential (AZURE_CLIENT_ID, …)";
  }
  if (name === "RestError") return `the storage account was not reached (${code}): check the address and the network`;
  return message;
}

function explainStatus(status: number, code: string): string {
  if (status === 401 || status === 403) {
    return (
      `the storage account refuses it (${code}): to publish, the identity needs the role Storage Blob Data Contributor ` +
      "on the container, to verify or list Storage Blob Data Reader; a new assignment takes up to 10 minutes; " +
      "with AuthorizationFailure it is the account's network rules that refuse this machine"
    );
  }
  if (code === "ContainerNotFound") return "there is no such container: make it first, or correct --container";
  return `the storage account answered ${status} (${code}): try again`;
}
