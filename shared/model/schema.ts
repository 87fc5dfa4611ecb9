import * as v from "valibot";
import { isRecord } from "./json.ts";

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

/** Returns the schema of an object. */
export function object<T extends v.ObjectEntries>(fields: T) {
  return v.pipe(v.object(fields), v.readonly());
}

/** Returns the schema of a list. */
export function list<T extends v.GenericSchema>(schema: T) {
  return v.pipe(v.array(schema), v.readonly());
}

/** Returns the schema of an object whose keys are ids. Not of a list, which `v.record` alone reads as an object. */
export function byId<T extends v.GenericSchema>(schema: T) {
  const entries = v.custom<Readonly<Record<string, v.InferInput<T>>>>(isRecord);
  return v.pipe(entries, v.record(v.string(), schema), v.readonly());
}

/** Returns a parser of stored values: it returns undefined for a value that does not have the schema. */
export function parserOf<T extends v.GenericSchema>(schema: T): (stored: unknown) => v.InferOutput<T> | undefined {
  return (stored) => {
    const result = v.safeParse(schema, stored);
    return result.success ? result.output : undefined;
  };
}
