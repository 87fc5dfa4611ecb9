import { azFaults } from "./az-commands.ts";
import { codeBlocks } from "./markdown.ts";

/** A block of commands in a page: one entry a command, without the `$ ` of a console and without its output. */
export interface CommandBlock {
  readonly line: number;
  /** `sh`: right in bash, zsh and PowerShell. `bash`: bash and zsh only. */
  readonly language: "sh" | "bash";
  readonly commands: readonly string[];
}

/** Returns the blocks of a page that a person copies into a terminal. */
export function commandBlocks(page: string): readonly CommandBlock[] {
  return codeBlocks(page).flatMap(({ line, language, code }): readonly CommandBlock[] => {
    const lines = code.split("\n").filter((each) => each.trim() !== "");
    if (language === "console") {
      const commands = lines.filter((each) => each.startsWith("$ ")).map((each) => each.slice(2));
      return [{ line, language: "bash", commands }];
    }
    return language === "sh" || language === "bash" ? [{ line, language, commands: lines }] : [];
  });
}

/** In a terminal, the lines after these are read as the answer, or wait until the program ends. */
const ASKS: readonly (readonly [RegExp, RegExp | undefined])[] = [
  [/^\s*az login\b/, undefined],
  [/^\s*azd (?:up|env new|deploy|provision|down)\b/, undefined],
  [/\bdeploy\.sh\b/, / --(?:yes|what-if)\b/],
  [/^\s*az (?:group|identity|resource group) delete\b/, / --yes\b/],
  [/^\s*az aks update(?! .*--(?:api|nrg|enable|disable))/, / --yes\b/],
  [/^\s*(?:npm start|npm run dev|func start|npx azurite\S*)(?!.* --once)/, undefined],
];

/** Returns a sentence for each rule that a block breaks. */
export function blockFaults({ language, commands }: CommandBlock): readonly string[] {
  const text = commands.join("\n");
  return [
    // An interactive zsh, the shell of macOS, runs what follows a `#`.
    ...commands.filter((each) => /(?:^|\s)#/.test(withoutQuotes(each))).map((each) => `has a comment: ${each}`),
    ...commands
      .slice(0, -1)
      .filter(doesAsk)
      .map((each) => `has a line after one that asks or runs on: ${each}`),
    ...(language === "sh" && bashOnly(text) ? [`is not right in PowerShell (use bash): ${bashOnly(text)}`] : []),
    ...joined(commands).flatMap(commandFaultsOf),
  ];
}

function doesAsk(command: string): boolean {
  return ASKS.some(([asks, answered]) => asks.test(command) && answered?.test(command) !== true);
}

/** Returns what PowerShell does not understand as a shell of Unix does. */
function bashOnly(text: string): string | undefined {
  return /\\\n|^\s*(?:export|set -\w|for|cat <<|\. )\b.*|^\s*\w+=.*|<<|'[^'\n]*"[^'\n]*'|\$\{|"[^"\n]*\$[A-Z]\w*.*/m.exec(
    text,
  )?.[0];
}

/** Joins lines that end with a backslash. */
export function joined(commands: readonly string[]): readonly string[] {
  return commands
    .join("\n")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n");
}

function commandFaultsOf(command: string): readonly string[] {
  const isPost = /\bcurl\b/.test(command) && /(?:-X|--request) POST\b/.test(command);
  const hasBody = /\s(?:-d|--data|--json)\b/.test(command);
  return [
    // App Service answers 411 to a POST without a length.
    ...(isPost && !hasBody && !command.includes("$CONTROL") ? [`posts without a body (--data ''): ${command}`] : []),
    ...azFaults(command),
    ...(/\b(?:kubectl|az)\b.*\s-[a-zA-Z]\s/.test(command) ? [`has a short option: ${command}`] : []),
  ];
}

function withoutQuotes(command: string): string {
  return command.replaceAll(/"[^"]*"|'[^']*'/g, "_");
}
