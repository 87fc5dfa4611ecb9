import { readFileSync } from "node:fs";
import { type Action, buttonsOf, requestOf, type Values } from "../../test/sandbox/action.ts";
import { SECTIONS } from "../../test/sandbox/actions.ts";

const PAGE = new URL("../sandbox.md", import.meta.url);
const REST = "curl -X POST $CONTROL/world/rest -d ''";
/** Returns the text of docs/sandbox.md, with the calls of each section as the table of the control API has them. */
export function sandboxPage(): string {
  const text = readFileSync(PAGE, "utf8").replaceAll("\r\n", "\n");
  return text.replaceAll(
    /<!-- calls: (\w+) -->\n(?:\n```bash\n[^]*?\n```\n(?:\nIn this order: .*\n)?)?/g,
    (_, name: string) => {
      const calls = (SECTIONS[name] ?? []).flatMap(callsOf);
      const lines = calls.flatMap(({ call, isAks }) => [call, ...(isAks ? [REST] : [])]);
      const said = calls.map(({ says }) => says).join("; ");
      return `<!-- calls: ${name} -->\n\n\`\`\`bash\n${lines.join("\n")}\n\`\`\`\n\nIn this order: ${said}.\n`;
    },
  );
}

/** A call as it is pasted, and what happens then. */
interface Call {
  readonly call: string;
  readonly says: string;
  readonly isAks: boolean;
}

/** Returns the calls of an action: one for each of its buttons. */
function callsOf(action: Action): readonly Call[] {
  return buttonsOf(action).map(({ values }) => ({
    call: callOf(action, values),
    says: action.says(values),
    isAks: action.isAks === true,
  }));
}

function callOf(action: Action, values: Values): string {
  const { path, body } = requestOf(action, values);
  const sent = Object.entries(body).map(([name, value]) => `"${name}": ${JSON.stringify(value)}`);
  return `curl -X POST $CONTROL${path} -d '${sent.length > 0 ? `{${sent.join(", ")}}` : ""}'`;
}
