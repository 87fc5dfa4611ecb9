/** A PowerShell file. Its code is its text without comments, and with `_` for each string. */
export interface Source {
  readonly name: string;
  readonly text: string;
  readonly code: string;
}

/** A function: its code, and its parameters in lower case. */
export interface Definition {
  readonly name: string;
  readonly body: string;
  readonly parameters: readonly string[];
  readonly mandatory: readonly string[];
}

/** A command's call: its parameters in lower case, without the dash. */
export interface Call {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly isSplat: boolean;
}

const COMMENT_OR_STRING = /<#[^]*?#>|(?<![\w`$])#.*|'[^']*'|"(?:`[^]|[^"`])*"/g;
// A function of this module's layout: it begins and ends at the start of a line.
const FUNCTION = /^function ([\w-]+) \{\n([^]*?)^\}/gm;
const PARAMETERS = /^ {4}param \(\n([^]*?)^ {4}\)/m;
const KEYWORDS =
  "begin break catch continue do else elseif end finally for foreach function if param return switch throw try while";
// What may stand before a command in its statement.
const BEFORE = String.raw`(?:(?:[$\w:.]+(?:, [$\w:]+)* \+?=|return|throw) )*`;
const COMMAND = new RegExp(
  String.raw`^\s*${BEFORE}(?!(?:${KEYWORDS.replaceAll(" ", "|")})\b)([a-z][\w.-]*)(?= |$)(.*)`,
  "i",
);

/** Returns a source with its code. The code inside of a string, as in `"$(Get-Item)"`, stays. */
export function readSource(name: string, text: string): Source {
  const code = text.replace(COMMENT_OR_STRING, (found) => {
    if (/^<?#/.test(found)) return "";
    return found.startsWith('"') ? `_${(found.match(/\$\([^()]*\)/g) ?? []).join("")}` : "_";
  });
  return { name, text, code };
}

/** Returns a source's functions. */
export function definitionsOf({ code }: Source): readonly Definition[] {
  return Array.from(code.matchAll(FUNCTION), ([, name = "", body = ""]) => {
    const declared = (PARAMETERS.exec(body)?.[1] ?? "").split("\n\n").map((text) => ({
      name: /\$(\w+)(?: = .*)?,?\s*$/.exec(text)?.[1]?.toLowerCase() ?? "",
      isMandatory: /\[Parameter\([^)]*\bMandatory\b/i.test(text),
    }));
    return {
      name,
      body,
      parameters: declared.map((each) => each.name),
      mandatory: declared.filter(({ isMandatory }) => isMandatory).map((each) => each.name),
    };
  });
}

/** Returns the calls in a piece of code, the inner ones of nested calls first. */
export function callsOf(code: string): readonly Call[] {
  return statementsOf(code).flatMap((statement) => {
    const [, name, rest = ""] = COMMAND.exec(statement) ?? [];
    if (!name || rest.startsWith(" =")) return [];
    const parameters = Array.from(rest.matchAll(/ -([a-z]\w*)/gi), ([, parameter = ""]) => parameter.toLowerCase());
    return [{ name, parameters, isSplat: / @\w/.test(rest) }];
  });
}

/** Splits code into statements: the content of each pair of brackets is statements of its own, and `_` where it was. */
function statementsOf(code: string): readonly string[] {
  const inner: string[] = [];
  let rest = code.replace(/\[[^[\]]*(?:\[[^[\]]*\][^[\]]*)*\]/g, "_");
  for (let before = ""; before !== rest;) {
    before = rest;
    rest = rest.replace(/[({]([^(){}]*)[)}]/g, (_brackets, content: string) => {
      inner.push(content);
      return "_";
    });
  }
  return [...inner, rest].flatMap((part) => part.split(/[\n;|]/));
}
