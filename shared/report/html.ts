/** Text that already is HTML. The template escapes every other text. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

type Part = string | number | Html | readonly Html[];

/** Template tag that escapes its values, for content and for quoted attributes, and leaves out the indentation. */
export function html(literals: TemplateStringsArray, ...values: readonly Part[]): Html {
  const raw = literals.map((literal) => literal.replaceAll(/\n\s+/g, "\n"));
  return new Html(String.raw({ raw }, ...values.map(render)));
}

function render(value: Part): string {
  if (value instanceof Html) return value.toString();
  return typeof value === "object" ? value.join("") : escape(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
