import { readFileSync } from "node:fs";
import { type Action, buttonsOf, requestOf, type Values } from "../../test/sandbox/action.ts";
import { SECTIONS } from "../../test/sandbox/actions.ts";

const PAGE = new URL("../sandbox.md", import.meta.url);
const REST = "curl -X POST $CONTROL/world/rest";
/** A comment begins in this column. If the line would be too long, it has its own. */
const COMMENT_AT = 76;
const LONGEST_LINE = 120;

/** Returns the text of docs/sandbox.md, with the calls of each section as the table of the control API has them. */
export function sandboxPage(): string {
  const text = readFileSync(PAGE, "utf8").replaceAll("\r\n", "\n");
  return text.replaceAll(/<!-- calls: (\w+) -->\n(?:\n```sh\n[^]*?\n```\n)?/g, (_, name: string) => {
    const lines = (SECTIONS[name] ?? []).flatMap(callsOf);
    return `<!-- calls: ${name} -->\n\n\`\`\`sh\n${lines.join("\n")}\n\`\`\`\n`;
  });
}

/** Returns the lines of an action: one for each of its buttons. */
function callsOf(action: Action): readonly string[] {
  return buttonsOf(action).flatMap(({ values }) => [callOf(action, values), ...(action.isAks ? [REST] : [])]);
}

function callOf(action: Action, values: Values): string {
  const { path, body } = requestOf(action, values);
  const sent = Object.entries(body).map(([name, value]) => `"${name}": ${JSON.stringify(value)}`);
  const call = `curl -X POST $CONTROL${path}${sent.length > 0 ? ` -d '{${sent.join(", ")}}'` : ""}`;
  const comment = `# ${action.says(values)}`;
  const line = `${call.padEnd(COMMENT_AT)} ${comment}`;
  return line.length > LONGEST_LINE ? `${comment}\n${call}` : line;
}
