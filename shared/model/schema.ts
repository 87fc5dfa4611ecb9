import * as v from "valibot";
import { isRecord, textIn } from "./json.ts";

/** The longest part of an invalid value that a message quotes. */
const LONGEST_QUOTE = 60;

/** The last time that a `Date` can hold (ECMAScript). */
const LAST_TIME = 8.64e15;

/** Schema of a time in milliseconds since 1970, as `EpochMs`. */
export const epochMs = v.pipe(v.number(), v.minValue(0), v.maxValue(LAST_TIME));

/** Schema of a number of passes, attempts or instances. */
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Returns the schema of a field that may be absent: JSON has no undefined. */
export function maybe<T extends v.GenericSchema>(schema: T) {
  return v.optional(schema, () => undefined);
}

/** Schema of a text of at least one character. */
export const text = v.pipe(v.string("a text"), v.nonEmpty("a text"));

/** Returns the schema of a field of a service's response: absent and null are both undefined. */
export function orNull<T extends v.GenericSchema>(schema: T) {
  return v.nullish(schema, () => undefined);
}

/** Schema of a text in a service's response, which may be absent. */
export const textOrNull = orNull(v.string("a text"));

/** Returns the schema of an object. What it says of a missing field is the message of that field's schema. */
export function object<T extends v.ObjectEntries>(fields: T) {
  const expected = ({ path }: v.ObjectIssue): string => {
    const field = path?.[0]?.key;
    return typeof field === "string" ? messageOf(fields[field]) : "an object";
  };
  return v.pipe(v.object(fields, expected), v.readonly());
}

function messageOf(schema: unknown): string {
  return textIn(schema, "message") ?? textIn(schema, "expects") ?? "a value";
}

/** Returns the schema of a list. */
export function list<T extends v.GenericSchema>(schema: T) {
  return v.pipe(v.array(schema, "a list"), v.readonly());
}

/**
 * Returns the schema of an object whose keys are ids. `v.record` alone reads a list as an object, and drops the keys
 * `constructor`, `prototype` and `__proto__`.
 */
export function byId<T extends v.GenericSchema>(schema: T) {
  return v.pipe(
    v.custom<Readonly<Record<string, v.InferInput<T>>>>(isRecord, "an object"),
    v.transform((input) => Object.entries(input)),
    v.array(v.tuple([v.string(), schema])),
    v.transform((entries): Readonly<Record<string, v.InferOutput<T>>> => Object.fromEntries(entries)),
  );
}

/** Returns a parser of stored values: it returns undefined for a value that does not have the schema. */
export function parserOf<T extends v.GenericSchema>(schema: T): (stored: unknown) => v.InferOutput<T> | undefined {
  return (stored) => {
    const result = v.safeParse(schema, stored);
    return result.success ? result.output : undefined;
  };
}

/**
 * Describes why a value does not have a schema, one text per invalid field: the field, what was found and what was
 * expected, which is the message of the field's schema.
 */
export function describeIssues(issues: readonly v.BaseIssue<unknown>[]): readonly string[] {
  return issues.map((issue) => {
    const field = v.getDotPath(issue);
    const found = issue.input === undefined ? "missing" : `found ${quote(issue.input)}`;
    return `${field === null ? "" : `${field}: `}${found}, expected ${issue.message}`;
  });
}

function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= LONGEST_QUOTE ? text : `${text.slice(0, LONGEST_QUOTE)}…`;
}
