/** Compares texts by code unit, so that the order does not depend on a locale. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Returns a comparator for `toSorted` that orders by a text. */
export function byText<T>(textOf: (value: T) => string): (a: T, b: T) => number {
  return (a, b) => compareTexts(textOf(a), textOf(b));
}
