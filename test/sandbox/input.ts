/** What a caller of the control API did wrong, with the status of the answer. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A JSON body, once it is known to be an object. */
export type Body = Readonly<Record<string, unknown>>;

/** Reads a JSON object; nothing at all is an empty one. */
export function parseBody(text: string): Body {
  let value: unknown = {};
  try {
    if (text.trim() !== "") value = JSON.parse(text);
  } catch {
    throw new Refusal(400, `found '${text.slice(0, 40)}', expected JSON`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refusal(400, "expected a JSON object");
  }
  return { ...value };
}

/** A whole number from `from`. */
export function countIn(body: Body, key: string, from: number): number {
  const value = body[key];
  if (typeof value === "number" && Number.isInteger(value) && value >= from) return value;
  throw new Refusal(400, `${key}: found ${JSON.stringify(value)}, expected a whole number from ${from}`);
}

/** A text that is not empty. */
export function textIn(body: Body, key: string): string {
  const value = body[key];
  if (typeof value === "string" && value !== "") return value;
  throw new Refusal(400, `${key}: found ${JSON.stringify(value)}, expected a text`);
}

/** true or false. */
export function flagIn(body: Body, key: string): boolean {
  const value = body[key];
  if (typeof value === "boolean") return value;
  throw new Refusal(400, `${key}: found ${JSON.stringify(value)}, expected true or false`);
}

/** One of some texts. */
export function choiceIn<T extends string>(body: Body, key: string, choices: readonly T[]): T {
  const found = choices.find((each) => each === body[key]);
  if (found !== undefined) return found;
  throw new Refusal(400, `${key}: found ${JSON.stringify(body[key])}, expected ${choices.join(", ")}`);
}

/** Milliseconds of an ISO 8601 duration in days, hours, minutes and seconds. */
export function durationIn(body: Body, key: string): number {
  const text = textIn(body, key);
  const found = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  const [, days = "0", hours = "0", minutes = "0", seconds = "0"] = found ?? [];
  if (!found || /(P|T)$/.test(text)) {
    throw new Refusal(400, `${key}: found '${text}', expected a duration like PT10M or P1D`);
  }
  return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}
