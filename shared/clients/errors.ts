import * as v from "valibot";
import type { CallFailure, Fault } from "../model/failure.ts";
import { memberOf, numberIn, textIn } from "../model/json.ts";
import { redact } from "../model/redact.ts";
import { type Names, storedNames } from "../model/refusal.ts";
import { explainRefusal, isRefusal } from "./refusals.ts";

const FAULT_BY_STATUS: Readonly<Record<number, Fault>> = {
  401: "denied",
  403: "denied",
  404: "not-found",
  408: "transient",
  409: "conflict",
  // Kubernetes returns 410 for a continue token whose resource version has expired; listing from the start helps.
  410: "transient",
  412: "conflict",
  429: "throttled",
};

/** What the app reads from an SDK error: core-rest-pipeline's RestError and `KubeResponseError` have these members. */
interface ErrorDetails {
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly text: string;
  readonly retryAfterMs: number | undefined;
  /** What the error itself names as the cause of a refusal. */
  readonly names: Names | undefined;
}

/** A failed call to a service: the name of the call, the kind of failure, and the SDK's error as the cause. */
export class CallError extends Error {
  override readonly name = "CallError";
  readonly fault: Fault;
  /** The error code of the service, for example `AuthorizationFailed`. */
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** What refuses the call, for the command that ends it. */
  readonly names: Names;

  constructor(
    call: string,
    fault: Fault,
    details: { code?: string; text?: string; retryAfterMs?: number; names?: Names; cause?: unknown },
  ) {
    super(redact(details.text ? `${call}: ${details.text}` : `${call}: ${fault}`), { cause: details.cause });
    this.fault = fault;
    this.code = details.code;
    this.retryAfterMs = details.retryAfterMs;
    this.names = details.names ?? {};
  }
}

/** Runs `work` and throws each of its errors as a `CallError` whose message begins with `call`. */
export async function runCall<T>(call: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toCallError(call, error);
  }
}

/** Does the same as `runCall`, but returns undefined if the service responds that the resource does not exist. */
export async function ignoreNotFound<T>(call: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const failure = toCallError(call, error);
    if (failure.fault === "not-found") return undefined;
    throw failure;
  }
}

/** Converts any thrown value into a `CallError`; returns a `CallError` unchanged. */
export function toCallError(call: string, error: unknown): CallError {
  if (error instanceof CallError) return error;
  const { status, code, text, retryAfterMs, names } = errorDetails(error);
  const fault = status === undefined ? (isNetworkError(error) ? "transient" : "bug") : faultOf(status, code);
  return new CallError(call, fault, {
    cause: error,
    ...(fault === "denied" && !names ? explainRefusal(code, text) : { text, names: names ?? {} }),
    ...(code !== undefined && { code }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** Returns a failure as plain data, for outcomes and reports. */
export function describeFailure(error: unknown): CallFailure {
  const { fault, code, message, retryAfterMs, names } = toCallError("pass", error);
  return {
    fault,
    message,
    ...(code !== undefined && { code }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(Object.keys(names).length > 0 && { names }),
  };
}

function faultOf(status: number, code: string | undefined): Fault {
  if (isRefusal(code)) return "denied";
  return status >= 500 ? "transient" : (FAULT_BY_STATUS[status] ?? "bug");
}

function errorDetails(error: unknown): ErrorDetails {
  const text = error instanceof Error ? error.message : String(error);
  const status = numberIn(error, "statusCode");
  const code = textIn(error, "code");
  return {
    status,
    code,
    text: code && !text.includes(code) ? `${code}: ${text}` : text,
    retryAfterMs: retryAfterOf(error),
    names: namesOf(error),
  };
}

function namesOf(error: unknown): Names | undefined {
  const names = memberOf(error, "names");
  return v.is(storedNames, names) ? names : undefined;
}

/** Returns the delay in a response's Retry-After header, which is a number of seconds or a date (RFC 9110). */
function retryAfterOf(error: unknown): number | undefined {
  const response = memberOf(error, "response");
  const headers = memberOf(response, "headers");
  const get = memberOf(headers, "get");
  if (typeof get !== "function") return undefined;
  const value: unknown = get.call(headers, "retry-after");
  if (typeof value !== "string" || value === "") return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** Returns whether no response was received: a DNS or connection error, a timeout, an abort, or no access token. */
function isNetworkError(error: unknown): boolean {
  const code = textIn(error, "code") ?? "";
  const name = error instanceof Error ? error.name : "";
  return (
    /^(E[A-Z]+|REQUEST_SEND_ERROR|UND_ERR_\w+)$/.test(code) || /abort|timeout|credential|authentication/i.test(name)
  );
}
