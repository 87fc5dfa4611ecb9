import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../http.ts";

/** Returns `value` with the members of `change`; nested objects are merged. */
export function merge<T extends object>(value: T, change: object): T {
  const merged = Object.entries(change).map(([key, wanted]: [string, unknown]) => {
    const before = isRecord(value) ? value[key] : undefined;
    return [key, isRecord(wanted) && isRecord(before) ? merge(before, wanted) : wanted];
  });
  return { ...value, ...Object.fromEntries(merged) };
}

/** Returns whether merging the change would not change the value. */
export function isMerged(value: object, change: object): boolean {
  return isDeepStrictEqual(merge(value, change), { ...value });
}
