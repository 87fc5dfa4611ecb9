import { covers } from "../authorize.ts";
import type { Engine } from "../engine.ts";

/** Requests that ARM answers with an error instead of the real response. */
export interface RequestFailure {
  method: string;
  /** The whole path, case-insensitively; `*` matches any text. */
  path: string;
  status: number;
  /** The code and the message of the response's error. */
  code: string;
  message?: string;
  /** The Retry-After header, in seconds. */
  retryAfter?: number;
  /** How many requests fail; without it, all until the failures are cleared. */
  times?: number;
}

/** Makes the next matching requests fail. */
export function failRequests({ faults }: Engine, failure: RequestFailure): void {
  const { method, path, status, code, retryAfter, times = Infinity } = failure;
  const message = failure.message ?? "The server encountered an error. Please retry the request.";
  faults.push({
    match: (asked, at) => asked === method.toUpperCase() && covers(path, at),
    times,
    status,
    body: { error: { code, message } },
    ...(retryAfter !== undefined && { headers: { "retry-after": String(retryAfter) } }),
  });
}
