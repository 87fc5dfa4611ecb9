import { isRecord } from "../simulators/arm/http.ts";

/** An error in a call of the control API, with the status of the response. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A JSON body that is an object. */
export type Body = Readonly<Record<string, unknown>>;

/** Parses a JSON object; an empty text is an empty object. */
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

/** Returns a whole number of at least `from`. */
export function countIn(body: Body, key: string, from: number): number {
  const value = body[key];
  if (typeof value === "number" && Number.isInteger(value) && value >= from) return value;
  throw new Refusal(400, `${key}: found ${JSON.stringify(value)}, expected a whole number of at least ${from}`);
}

/** Returns a text that is not empty. */
export function textIn(body: Body, key: string): string {
  const value = body[key];
  if (typeof value === "string" && value !== "") return value;
  throw new Refusal(400, `${key}: found ${JSON.stringify(value)}, expected a text that is not empty`);
}

/** Returns a boolean. */
export function flagIn(body: Body, key: string): boolean {
  const value = body[key];
  if (typeof value === "boolean") return value;
  throw new Refusal(400, `${key}: found ${JSON.stringify(value)}, expected true or false`);
}

/** Returns one of several texts. */
export function choiceIn<T extends string>(body: Body, key: string, choices: readonly T[]): T {
  const found = choices.find((each) => each === body[key]);
  if (found !== undefined) return found;
  throw new Refusal(400, `${key}: found ${JSON.stringify(body[key])}, expected one of ${choices.join(", ")}`);
}

/** Returns whether the body has a value, which is otherwise optional. */
export function isIn(body: Body, key: string): boolean {
  return body[key] !== undefined;
}

/** Returns an object. */
export function objectIn(body: Body, key: string): Readonly<Record<string, unknown>> {
  const value = body[key];
  if (isRecord(value)) return value;
  throw new Refusal(400, `${key}: found ${JSON.stringify(value)}, expected an object`);
}

/** Returns the milliseconds of an ISO 8601 duration in days, hours, minutes and seconds. */
export function durationIn(body: Body, key: string): number {
  const text = textIn(body, key);
  const found = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  const [, days = "0", hours = "0", minutes = "0", seconds = "0"] = found ?? [];
  if (!found || /(P|T)$/.test(text)) {
    throw new Refusal(400, `${key}: found '${text}', expected a duration like PT10M or P1D`);
  }
  return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}
