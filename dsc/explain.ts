import { memberOf, textIn } from "../shared/model/json.ts";
import { UsageError } from "./option.ts";

/** An error of the network or of a server, after which the same command can succeed later. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
}

/** Returns a short message for an error, and the exit code. An SDK's own message contains requests, addresses and times. */
export function explain(error: unknown): { readonly message: string; readonly exitCode: number } {
  if (textIn(error, "code") === "ContainerNotFound") {
    return { message: "there is no such container: make it first, or correct --container", exitCode: 1 };
  }
  const service = explainService(error);
  if (service !== undefined) return { message: service, exitCode: 3 };
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UsageError) return { message, exitCode: 2 };
  return { message, exitCode: error instanceof NetworkError ? 3 : 1 };
}

function explainService(error: unknown): string | undefined {
  const status = memberOf(error, "statusCode");
  const code = textIn(error, "code") ?? "no code";
  if (typeof status === "number") return explainStatus(status, code);
  const name = error instanceof Error ? error.name : "";
  if (/Credential|Authentication/.test(name)) {
    return "no user is signed in to Azure: run az login, or set the variables of DefaultAzureCredential (AZURE_CLIENT_ID, …)";
  }
  if (name === "RestError") return `the storage account was not reached (${code}): check the address and the network`;
  return undefined;
}

function explainStatus(status: number, code: string): string {
  if (status === 401 || status === 403) {
    return (
      `the storage account refuses it (${code}): to publish, the identity needs the role Storage Blob Data Contributor ` +
      "on the container, to verify or list Storage Blob Data Reader; a new assignment takes up to 10 minutes; " +
      "with AuthorizationFailure it is the account's network rules that refuse this machine"
    );
  }
  return `the storage account answered ${status} (${code}): try again`;
}
