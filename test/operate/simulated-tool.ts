import { az } from "./az.ts";
import { type Call, readAzure, writeAzure } from "./azure.ts";
import { azd, func, kubectl, kubelogin, npm } from "./other-tools.ts";
import { Refusal, type Tool, parseCall } from "./tool.ts";

/**
 * A program that simulates az, func, npm, kubectl, kubelogin or azd; its first argument selects the tool. It does not
 * depend on its callers. For an unknown command or option it exits with 99 and adds `unknown` to the journal.
 */
const TOOLS: Readonly<Record<string, Tool>> = { az, func, npm, kubectl, kubelogin, azd };
const [name = "", ...args] = process.argv.slice(2);
const file = process.env["SIMULATED_AZURE"] ?? "";
const azure = readAzure(file);
const tool = TOOLS[name] ?? {};
try {
  const { command, options, rest } = parseCall(name, tool, args);
  const call: Call = { tool: name, command, options, words: rest, cwd: process.cwd() };
  azure.journal.push(call);
  const answer = tool[command]?.run(azure, call, rest) ?? "";
  if (answer !== "") console.log(answer);
} catch (error) {
  if (!(error instanceof Error)) throw error;
  if (!(error instanceof Refusal)) {
    azure.journal.push({ tool: name, command: `unknown: ${error.message}`, options: {}, words: [], cwd: "" });
  }
  console.error(error.message);
  process.exitCode = error instanceof Refusal ? 1 : 99;
}
writeAzure(file, azure);
