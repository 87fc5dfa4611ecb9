import fc from "fast-check";
import { seed } from "./seed.ts";

/** Paths to every value of a stored value. */
function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, each]) => pathsOf(each, [...path, key]))];
}

/** Returns a copy with the value at a path replaced; undefined removes it. */
function replaced(value: unknown, [key, ...rest]: readonly string[], other: unknown): unknown {
  if (key === undefined) return other;
  const copy: Record<string, unknown> = Array.isArray(value) ? Object.assign([], value) : { ...Object(value) };
  const next = replaced(copy[key], rest, other);
  if (next === undefined) delete copy[key];
  else copy[key] = next;
  return copy;
}

/**
 * Uses 2,000 copies of a stored value, each with one value in it removed or replaced by any JSON. Returns how many were
 * lost (`use` returned undefined) and how many were kept.
 */
export function breakAndUse(stored: unknown, use: (stored: unknown) => unknown) {
  const seen = { lost: 0, kept: 0 };
  const other = fc.oneof(fc.constant(undefined), fc.jsonValue());
  fc.assert(
    fc.property(fc.constantFrom(...pathsOf(stored)), other, (path, value) => {
      if (use(replaced(stored, path, value)) === undefined) seen.lost += 1;
      else seen.kept += 1;
    }),
    { numRuns: 2000, seed },
  );
  return seen;
}
