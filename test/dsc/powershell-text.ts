/** A PowerShell file; its code is the text without comments and with `_` for each string. */
export interface Source {
  readonly name: string;
  readonly text: string;
  readonly code: string;
}

/** A function with its code and its parameters in lower case. */
export interface Definition {
  readonly name: string;
  readonly body: string;
  readonly parameters: readonly string[];
  readonly mandatory: readonly string[];
}

/** A call of a command, with its parameters in lower case and without the dash. */
export interface Call {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly isSplat: boolean;
}

const COMMENT_OR_STRING = /<#[^]*?#>|(?<![\w`$])#.*|'[^']*'|"(?:`[^]|[^"`])*"/g;
// In this module, a function starts and ends at the beginning of a line.
const FUNCTION = /^function ([\w-]+) \{\n([^]*?)^\}/gm;
const PARAMETERS = /^ {4}param \(\n([^]*?)^ {4}\)/m;
const KEYWORDS =
  "begin break catch continue do else elseif end finally for foreach function if param return switch throw trap try while";
// What can precede a command in its statement.
const BEFORE = String.raw`(?:(?:[$\w:.]+(?:, [$\w:]+)* \+?=|return|throw) )*`;
const COMMAND = new RegExp(
  String.raw`^\s*${BEFORE}(?!(?:${KEYWORDS.replaceAll(" ", "|")})\b(?!-))([a-z][\w.-]*)(?= |$)(.*)`,
  "i",
);

/** Returns a source with its code. Code inside a string, as in `"$(Get-Item)"`, is kept. */
export function readSource(name: string, text: string): Source {
  const code = text.replace(COMMENT_OR_STRING, (found) => {
    if (/^<?#/.test(found)) return "";
    return found.startsWith('"') ? `_${(found.match(/\$\([^()]*\)/g) ?? []).join("")}` : "_";
  });
  return { name, text, code };
}

/** Returns the functions of a source. */
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

/** Returns the calls in code; nested calls come before the outer ones. */
export function callsOf(code: string): readonly Call[] {
  return statementsOf(code).flatMap((statement) => {
    const [, name, rest = ""] = COMMAND.exec(statement) ?? [];
    if (!name || rest.startsWith(" =")) return [];
    const parameters = Array.from(rest.matchAll(/ -([a-z]\w*)/gi), ([, parameter = ""]) => parameter.toLowerCase());
    return [{ name, parameters, isSplat: / @\w/.test(rest) }];
  });
}

/** Splits code into statements; replaces each pair of brackets by `_` and splits its content separately. */
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
