const PLAIN = /^[\w./:@=,+-]+$/;

/** Returns a text as one word of bash. */
export function quote(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Template tag: the values are quoted as words of bash; undefined if one of them is undefined. */
export function shell(literals: TemplateStringsArray, ...values: readonly (string | undefined)[]): string | undefined {
  if (values.includes(undefined)) return undefined;
  return String.raw({ raw: literals }, ...values.map((value) => quote(value ?? "")));
}
