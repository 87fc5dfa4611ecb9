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
}

/** The six fields in the order of the expression, in UTC. */
const FIELDS: readonly Field[] = [
  { min: 0, max: 59, stepMs: SECOND_MS, of: (date) => date.getUTCSeconds() },
  { min: 0, max: 59, stepMs: 60 * SECOND_MS, of: (date) => date.getUTCMinutes() },
  { min: 0, max: 23, stepMs: 3600 * SECOND_MS, of: (date) => date.getUTCHours() },
  { min: 1, max: 31, stepMs: DAY_MS, of: (date) => date.getUTCDate() },
  { min: 1, max: 12, stepMs: DAY_MS, of: (date) => date.getUTCMonth() + 1 },
  { min: 0, max: 6, stepMs: DAY_MS, of: (date) => date.getUTCDay() },
];

/** Returns the first run of a schedule after a time, or undefined if it never runs; both in milliseconds since 1970. */
export type NextRun = (after: number) => number | undefined;

/** Parses an NCRONTAB expression of six fields, or of five without seconds. Names and other formats throw. */
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

/** Parses a list of `N`, `N-M` or `*`, the last two with an optional step `/S`. */
function parseField(text: string, { min, max }: Field): ReadonlySet<number> {
  const range = Array.from({ length: max - min + 1 }, (_, n) => min + n);
  const values = text.split(",").flatMap((part) => {
    const match = /^(?:(\d+)|(?:\*|(\d+)-(\d+))(?:\/(\d+))?)$/.exec(part);
    const [, single, from = single ?? min, to = single ?? max, step = 1] = match ?? [];
    const [first, last] = [Number(from), Number(to)];
    const found = range.filter((each) => each >= first && each <= last && (each - first) % Number(step) === 0);
    if (!match || found.length === 0 || last > max) throw new Error(`'${text}' is not a field from ${min} to ${max}`);
    return found;
  });
  return new Set(values);
}

function nextMultiple(at: number, stepMs: number): number {
  return (Math.floor(at / stepMs) + 1) * stepMs;
}
