import type { CallFailure, Fault } from "../model/failure.ts";
import { redact } from "../model/redact.ts";

const FAULT_BY_STATUS: Readonly<Record<number, Fault>> = {
  401: "denied",
  403: "denied",
  404: "not-found",
  408: "transient",
  409: "conflict",
  // A list that went on for too long: Kubernetes forgets the version that it began with.
  410: "transient",
  412: "conflict",
  429: "throttled",
};

/** The parts of an SDK's error that are looked at: core-rest-pipeline's RestError has them, the Kubernetes client's too. */
interface Answer {
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly text: string;
  readonly retryAfterMs: number | undefined;
}

/** A failed call: what was called, what can be done about it, and the SDK's error as the cause. */
export class CallError extends Error {
  override readonly name = "CallError";
  readonly fault: Fault;
  /** The service's own code, `AuthorizationFailed` for example. */
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    call: string,
    fault: Fault,
    details: { code?: string; text?: string; retryAfterMs?: number; cause?: unknown },
  ) {
    super(redact(details.text ? `${call}: ${details.text}` : `${call}: ${fault}`), { cause: details.cause });
    this.fault = fault;
    this.code = details.code;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** Has every failure of `call` leave as a `CallError`; an abort stays the reason that it was aborted for. */
export async function calling<T>(call: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toCallError(call, error);
  }
}

/** The same where absence is a normal state: what is not there is undefined, anything else that failed is thrown. */
export async function unlessAbsent<T>(call: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const failure = toCallError(call, error);
    if (failure.fault === "not-found") return undefined;
    throw failure;
  }
}

/** Turns whatever an SDK threw into a `CallError`. */
export function toCallError(call: string, error: unknown): CallError {
  if (error instanceof CallError) return error;
  const { status, code, text, retryAfterMs } = answerOf(error);
  const fault = status === undefined ? (isNetwork(error) ? "transient" : "bug") : faultOf(status);
  return new CallError(call, fault, {
    cause: error,
    text: fault === "denied" ? explainDenied(text) : text,
    ...(code !== undefined && { code }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** A failure as data, for outcomes and reports. */
export function describeFailure(error: unknown): CallFailure {
  const { fault, message, retryAfterMs } = toCallError("pass", error);
  return { fault, message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

function faultOf(status: number): Fault {
  return status >= 500 ? "transient" : (FAULT_BY_STATUS[status] ?? "bug");
}

function answerOf(error: unknown): Answer {
  const text = error instanceof Error ? error.message : String(error);
  const status = numberIn(error, "statusCode");
  const code = textIn(error, "code");
  return {
    status,
    code,
    text: code && !text.includes(code) ? `${code}: ${text}` : text,
    retryAfterMs: retryAfterOf(error),
  };
}

/** Seconds, or a date (RFC 9110); the SDK keeps the response with the error. */
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

/** No answer at all: a name that did not resolve, a refused or cut connection, an abort, no token. */
function isNetwork(error: unknown): boolean {
  const code = textIn(error, "code") ?? "";
  const name = error instanceof Error ? error.name : "";
  return (
    /^(E[A-Z]+|REQUEST_SEND_ERROR|UND_ERR_\w+)$/.test(code) || /abort|timeout|credential|authentication/i.test(name)
  );
}

const ROLE_FILE_BY_PROVIDER: readonly (readonly [RegExp, string])[] = [
  [/^Microsoft\.Compute\//i, "infra/roles/node-resource-group.json, on the cluster's node resource group"],
  [/^Microsoft\.ContainerService\//i, "infra/roles/cluster.json, on the cluster"],
  [/^Microsoft\.Storage\//i, "infra/roles/package.json, on the package's storage account"],
];

/** Names the permission that is missing and where it is granted, from ARM's own sentence. */
function explainDenied(text: string): string {
  if (/DenyAssignmentAuthorizationFailed|deny assignment/i.test(text)) {
    return `a deny assignment refuses it: the node resource group is locked (az aks update --nrg-lockdown-restriction-level Unrestricted). ${text}`;
  }
  const action = /perform action '([^']+)'/i.exec(text)?.[1];
  if (action === undefined) return text;
  const role = ROLE_FILE_BY_PROVIDER.find(([provider]) => provider.test(action))?.[1] ?? "a role that allows it";
  return `the app's identity lacks the permission ${action}; assign ${role}; a new assignment takes up to 10 minutes. ${text}`;
}

/** A member of whatever an SDK or a service gave. */
export function memberOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

/** A member that is a text. */
export function textIn(value: unknown, key: string): string | undefined {
  const member = memberOf(value, key);
  return typeof member === "string" ? member : undefined;
}

function numberIn(value: unknown, key: string): number | undefined {
  const member = memberOf(value, key);
  return typeof member === "number" ? member : undefined;
}
