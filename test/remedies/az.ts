import { type JSONValue, search } from "@jmespath-community/jmespath";
import { ArmError } from "../simulators/arm/http.ts";
import { AKS_COMMANDS } from "./az-aks.ts";
import { APP_COMMANDS } from "./az-app.ts";
import { type AzCall, type AzCommands, AzError, one, parseCommand } from "./az-command.ts";
import { GOVERNANCE_COMMANDS } from "./az-governance.ts";
import { RESOURCE_COMMANDS } from "./az-resources.ts";

const COMMANDS: AzCommands = { ...AKS_COMMANDS, ...APP_COMMANDS, ...GOVERNANCE_COMMANDS, ...RESOURCE_COMMANDS };

/** What a program printed, and its exit code. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command of the Azure CLI on a world, signed in as its operator. As the real one, it waits for an operation that
 * it starts: the clock advances. It refuses unknown commands and options.
 */
export async function runAz(args: readonly string[], context: Omit<AzCall, "options">): Promise<Ended> {
  try {
    const { command, options } = parseCommand(COMMANDS, args);
    const call = { ...context, options };
    checkSubscription(call);
    return { exitCode: 0, stdout: print(call, await command.run(call)), stderr: "" };
  } catch (error) {
    if (error instanceof AzError) {
      return { exitCode: error.exitCode, stdout: "", stderr: `ERROR: ${error.message}\n` };
    }
    if (!(error instanceof ArmError)) throw error;
    const { code, message } = error.error;
    return { exitCode: 1, stdout: "", stderr: `ERROR: (${code}) ${message}\nCode: ${code}\nMessage: ${message}\n` };
  }
}

function checkSubscription(call: AzCall): void {
  const given = one(call, "subscription");
  if (given === "" || given === call.world.cluster.subscription) return;
  throw new AzError(`The subscription of '${given}' doesn't exist in cloud 'AzureCloud'.`);
}

/** Prints a result as `--output` says: as JSON, or each value on a line. */
function print(call: AzCall, result: unknown): string {
  const shown = one(call, "query") === "" ? result : search(result as JSONValue, one(call, "query"));
  const output = one(call, "output") || "json";
  if (output === "none" || shown === undefined) return "";
  if (output === "json") return `${JSON.stringify(shown, null, 2)}\n`;
  const values = Array.isArray(shown) ? shown : [shown];
  const isFlat = values.every((value) => typeof value !== "object");
  if (output === "tsv" && isFlat) return values.map((value) => `${String(value)}\n`).join("");
  throw new AzError(`the simulator cannot print this as ${output}`, 2);
}
