const VERSION = /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)$/;

/** Whether a value is a version of the form X.Y.Z. */
export function isVersion(value: unknown): value is string {
  return typeof value === "string" && VERSION.test(value);
}

/** Whether one version X.Y.Z is lower than another. */
export function isBelow(version: string, other: string): boolean {
  const [a, b] = [version, other].map((each) => each.split(".").map(Number));
  const index = a?.findIndex((part, at) => part !== b?.[at]) ?? -1;
  return index >= 0 && (a?.[index] ?? 0) < (b?.[index] ?? 0);
}
