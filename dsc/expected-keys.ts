/** The check of a key's value, and its description for messages. */
export interface Expected {
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
}

/** The keys that an object may have. */
export type ExpectedKeys = Readonly<Record<string, Expected>>;

export const BOOLEAN: Expected = { expected: "true or false", holds: (value) => typeof value === "boolean" };
export const SHA256: Expected = { expected: "64 hex digits", holds: isSha256 };

/** Returns the check of a value that is one of a list. */
export function isOneOf(values: readonly unknown[]): Expected {
  return { expected: `one of ${values.join(", ")}`, holds: (value) => values.includes(value) };
}

/** Whether a value is a SHA-256, in lower or upper case. */
export function isSha256(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/i.test(value);
}

/** Returns a fault for each key that is unknown, has an invalid value or, if `absent` forbids it, is missing. */
export function findKeyFaults(
  json: Readonly<Record<string, unknown>>,
  keys: ExpectedKeys,
  path: string,
  absent: "refused" | "optional" = "refused",
): readonly string[] {
  const known = Object.keys(keys);
  const unknown = Object.keys(json).filter((name) => !known.includes(name));
  return [
    ...unknown.map((name) => `${path}${name}: unknown, correct or remove it; known: ${known.join(", ")}`),
    ...Object.entries(keys).flatMap(([name, { expected, holds }]) => {
      const value = json[name];
      if (value === undefined) return absent === "optional" ? [] : [`${path}${name}: missing, expected ${expected}`];
      return holds(value) ? [] : [`${path}${name}: found ${JSON.stringify(value)}, expected ${expected}`];
    }),
  ];
}
