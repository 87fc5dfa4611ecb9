/** A request as both seams hand it over. */
export type RawRequest = { method: string; url: string; headers: Record<string, string>; body: string | undefined };

export type RawResponse = { status: number; headers: Record<string, string>; body: string };

/** An answer before it is written out. */
export type Reply = { status: number; body?: unknown; headers?: Record<string, string> };

/** ARM's words for what went wrong. */
export type ErrorBody = { code: string; message: string; target?: string; details?: unknown };

/** How work on an instance ended: undefined where all is well. */
export type Failure = ErrorBody | undefined;

/** Ends a request, or an operation that was accepted, with ARM's error body. */
export class ArmError extends Error {
  readonly status: number;
  readonly error: ErrorBody;
  readonly headers: Record<string, string>;

  constructor(status: number, error: ErrorBody, headers: Record<string, string> = {}) {
    super(error.message);
    this.status = status;
    this.error = error;
    this.headers = headers;
  }
}

/** What a text says as JSON; undefined where it is none. */
export function parseJson(text: string, reviver?: (key: string, value: unknown) => unknown): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch {
    return undefined;
  }
}

/** Tells an object from everything else. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
