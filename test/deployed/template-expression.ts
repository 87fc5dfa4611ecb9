/** A template function of Azure Resource Manager. */
type TemplateFunction = (...args: readonly unknown[]) => unknown;
export type TemplateFunctions = Readonly<Record<string, TemplateFunction>>;

const TOKEN = /\s*(?:'((?:[^']|'')*)'|(\d+)|([A-Za-z_]\w*)|([()[\].,]))/y;

interface Token {
  readonly kind: "text" | "number" | "name" | "sign" | "end";
  readonly text: string;
}

/** Splits an expression into tokens. */
class Reader {
  readonly #tokens: Token[] = [];
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
    const pattern = new RegExp(TOKEN);
    while (pattern.lastIndex < source.trimEnd().length) {
      const found = pattern.exec(source);
      if (!found) throw this.error("something that no expression has");
      const [, text, number, name, sign] = found;
      if (text !== undefined) this.#tokens.push({ kind: "text", text: text.replaceAll("''", "'") });
      else if (number !== undefined) this.#tokens.push({ kind: "number", text: number });
      else if (name !== undefined) this.#tokens.push({ kind: "name", text: name });
      else this.#tokens.push({ kind: "sign", text: sign ?? "" });
    }
  }

  peek(): Token {
    return this.#tokens[0] ?? { kind: "end", text: "" };
  }

  take(expected?: string): Token {
    const token = this.#tokens.shift() ?? { kind: "end", text: "the end" };
    if (expected !== undefined && (token.kind !== "sign" || token.text !== expected)) {
      throw this.error(`'${token.text}' where '${expected}' is expected`);
    }
    return token;
  }

  /** Consumes the next token if it is this sign. */
  skip(sign: string): boolean {
    const isNext = this.peek().kind === "sign" && this.peek().text === sign;
    if (isNext) this.#tokens.shift();
    return isNext;
  }

  error(what: string): Error {
    return new Error(`template expression [${this.#source}]: found ${what}`);
  }
}

/**
 * Evaluates a string of a template: the value of an `[expression]`, or the string itself. Supports calls, literals,
 * members and indices. Throws for an unknown function or member.
 */
export function evaluateTemplate(text: string, functions: TemplateFunctions): unknown {
  if (!text.startsWith("[") || !text.endsWith("]")) return text;
  // A string that starts with a bracket is escaped with a second one.
  if (text.startsWith("[[")) return text.slice(1);
  const reader = new Reader(text.slice(1, -1));
  const value = readValue(reader, functions);
  if (reader.peek().kind !== "end") throw reader.error(`'${reader.peek().text}' after the end`);
  return value;
}

function readValue(reader: Reader, functions: TemplateFunctions): unknown {
  const { kind, text } = reader.take();
  if (kind === "text") return text;
  if (kind === "number") return Number(text);
  if (kind !== "name") throw reader.error(`'${text}' where a value is expected`);
  const call = functions[text];
  if (!call) throw reader.error(`the unknown function '${text}'`);
  return readMembers(reader, functions, call(...readArguments(reader, functions)));
}

function readArguments(reader: Reader, functions: TemplateFunctions): readonly unknown[] {
  const args: unknown[] = [];
  reader.take("(");
  if (reader.skip(")")) return args;
  do args.push(readValue(reader, functions));
  while (reader.skip(","));
  reader.take(")");
  return args;
}

function readMembers(reader: Reader, functions: TemplateFunctions, of: unknown): unknown {
  let value = of;
  for (;;) {
    let key: unknown;
    if (reader.skip(".")) key = reader.take().text;
    else if (reader.skip("[")) key = readIndex(reader, functions);
    else return value;
    if (typeof value !== "object" || value === null || !Reflect.has(value, String(key))) {
      throw reader.error(`no member '${String(key)}'`);
    }
    value = Reflect.get(value, String(key));
  }
}

function readIndex(reader: Reader, functions: TemplateFunctions): unknown {
  const key = readValue(reader, functions);
  reader.take("]");
  return key;
}
