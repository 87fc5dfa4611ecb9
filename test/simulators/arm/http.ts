/** A request, from the SDK's `httpClient` or from a socket. */
export type RawRequest = { method: string; url: string; headers: Record<string, string>; body: string | undefined };

export type RawResponse = { status: number; headers: Record<string, string>; body: string };

/** A response before it is serialized. */
export type Reply = { status: number; body?: unknown; headers?: Record<string, string> };

/** The `error` of an ARM response. */
export type ErrorBody = { code: string; message: string; target?: string; details?: unknown };

/** The failure of work on an instance; undefined if it succeeded. */
export type Failure = ErrorBody | undefined;

/** Ends a request, or an accepted operation, with ARM's error body. */
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

/** Parses a text as JSON; returns undefined if it is not valid. */
export function parseJson(text: string, reviver?: (key: string, value: unknown) => unknown): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch {
    return undefined;
  }
}

/** Returns whether a value is an object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
