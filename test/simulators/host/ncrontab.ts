const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
/** A schedule without a run in this time never runs; the next 29 February can be eight years away. */
const LONGEST_WAIT_MS = 9 * 366 * DAY_MS;

interface Field {
  readonly min: number;
  readonly max: number;
  /** If a date does not match, the search continues at the next multiple of this. */
  readonly stepMs: number;
  readonly of: (date: Date) => number;
  /** The names of the values, from `min` on. */
  readonly names?: readonly string[];
}

const MONTHS = "January February March April May June July August September October November December".split(" ");
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/** The six fields in the order of the expression, in UTC. */
const FIELDS: readonly Field[] = [
  { min: 0, max: 59, stepMs: SECOND_MS, of: (date) => date.getUTCSeconds() },
  { min: 0, max: 59, stepMs: 60 * SECOND_MS, of: (date) => date.getUTCMinutes() },
  { min: 0, max: 23, stepMs: 3600 * SECOND_MS, of: (date) => date.getUTCHours() },
  { min: 1, max: 31, stepMs: DAY_MS, of: (date) => date.getUTCDate() },
  { min: 1, max: 12, stepMs: DAY_MS, of: (date) => date.getUTCMonth() + 1, names: MONTHS },
  { min: 0, max: 6, stepMs: DAY_MS, of: (date) => date.getUTCDay(), names: DAYS },
];

/** Returns the first run of a schedule after a time, or undefined if it never runs; both in milliseconds since 1970. */
export type NextRun = (after: number) => number | undefined;

/** Parses an NCRONTAB expression of six fields, or of five without seconds. Other formats throw. */
export function parseNcrontab(expression: string): NextRun {
  const parts = expression.trim().split(/\s+/);
  if (parts.length === 5) parts.unshift("0");
  if (parts.length !== FIELDS.length) throw new Error("expected five or six fields");
  const allowed = FIELDS.map((field, at) => ({ ...field, values: parseField(parts[at] ?? "", field) }));
  // The coarsest field that does not match decides how far the search can jump.
  const coarsestFirst = allowed.toReversed();
  return (after) => {
    for (let at = nextMultiple(after, SECOND_MS); at <= after + LONGEST_WAIT_MS;) {
      const date = new Date(at);
      const misfit = coarsestFirst.find(({ values, of }) => !values.has(of(date)));
      if (!misfit) return at;
      at = nextMultiple(at, misfit.stepMs);
    }
    return undefined;
  };
}

/**
 * Parses a list of `N`, `N-M` or `*`, each with an optional step `/S`; `N/S` is up to the greatest value. As NCrontab
 * does, a range whose end is before its start is taken in the other order, and a name needs only its first letters.
 */
function parseField(text: string, field: Field): ReadonlySet<number> {
  return new Set(text.split(",").flatMap((part) => valuesOf(part, field)));
}

function valuesOf(part: string, field: Field): readonly number[] {
  const [, start = "", end, step = "1"] = /^(\*|\w+)(?:-(\w+))?(?:\/([1-9]\d*))?$/.exec(part) ?? [];
  if (start === "*" && end !== undefined) throw notAField(part, field);
  const first = start === "*" ? field.min : valueOf(start, field);
  const last = end === undefined ? lastOf(part, first, field) : valueOf(end, field);
  const [from, to] = [Math.min(first, last), Math.max(first, last)];
  return Array.from({ length: to - from + 1 }, (_, n) => from + n).filter((each) => (each - from) % Number(step) === 0);
}

/** Returns the end of a part that names none. */
function lastOf(part: string, first: number, { max }: Field): number {
  return /[*/]/.test(part) ? max : first;
}

function valueOf(text: string, field: Field): number {
  const { min, max, names = [] } = field;
  const named = names.findIndex((name) => text !== "" && name.toLowerCase().startsWith(text.toLowerCase()));
  const value = named < 0 ? Number(text || NaN) : min + named;
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw notAField(text, field);
}

function notAField(text: string, { min, max }: Field): Error {
  return new Error(`'${text}' is not a field from ${min} to ${max}`);
}

function nextMultiple(at: number, stepMs: number): number {
  return (Math.floor(at / stepMs) + 1) * stepMs;
}
