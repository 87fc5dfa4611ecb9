import * as v from "valibot";
import { isRecord } from "../simulators/arm/http.ts";

/** An error in a call of the control API, with the status of the response. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Parses a JSON object; an empty text is an empty object. */
export function parseBody(text: string): Readonly<Record<string, unknown>> {
  let value: unknown = {};
  try {
    if (text.trim() !== "") value = JSON.parse(text);
  } catch {
    throw new Refusal(400, `found '${text.slice(0, 40)}', expected JSON`);
  }
  if (!isRecord(value)) throw new Refusal(400, "expected a JSON object");
  return value;
}

/** Parses a body by the schemas of its fields; a `Refusal` has what was found and what was expected. */
export function parseInput<E extends v.ObjectEntries>(
  fields: E,
  body: unknown,
): v.InferOutput<v.StrictObjectSchema<E, undefined>> {
  const result = v.safeParse(v.strictObject(fields), body);
  if (result.success) return result.output;
  const [{ path, input, message, type }] = result.issues;
  const key = String(path?.[0].key);
  const field = fields[key];
  if (!field) {
    const known = Object.keys(fields).join(", ") || "none";
    throw new Refusal(400, `found the field ${key}, expected fields: ${known}`);
  }
  // The message of a missing field is that of the object.
  const expected = type === "strict_object" ? expectedBy(field) : message;
  throw new Refusal(400, `${key}: found ${JSON.stringify(input)}, expected ${expected}`);
}

function expectedBy(field: object): string {
  return "message" in field ? String(field.message) : "a value";
}

/** A whole number of at least `from`. */
export function count(from: number) {
  const isCount = (value: unknown): boolean => typeof value === "number" && Number.isInteger(value) && value >= from;
  return v.custom<number>(isCount, `a whole number of at least ${from}`);
}

/** A text that is not empty. */
export function text() {
  return v.custom<string>((value) => typeof value === "string" && value !== "", "a text that is not empty");
}

export function flag() {
  return v.boolean("true or false");
}

/** One of several texts. */
export function choice<const T extends readonly string[]>(choices: T) {
  return v.picklist(choices, `one of ${choices.join(", ")}`);
}

export function object() {
  return v.custom<Record<string, unknown>>(isRecord, "an object");
}

const DURATION = /^P(?!$)(?:(\d+)D)?(?:T(?!$)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** An ISO 8601 duration in days, hours, minutes and seconds; its value is in milliseconds. */
export function duration() {
  return v.pipe(v.custom<string>(isDuration, "a duration like PT10M or P1D"), v.transform(millisecondsOf));
}

function isDuration(value: unknown): boolean {
  return typeof value === "string" && DURATION.test(value);
}

function millisecondsOf(text: string): number {
  const [, days = "0", hours = "0", minutes = "0", seconds = "0"] = DURATION.exec(text) ?? [];
  return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}
