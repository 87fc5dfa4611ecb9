/** A request as both seams hand it over. */
export interface RawRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
}

export interface RawResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** An answer before it is written out. */
export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

interface ErrorBody {
  code: string;
  message: string;
  target?: string;
  innererror?: unknown;
  details?: unknown;
}

/** Ends a request with ARM's error body. */
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

  reply(): Reply {
    return { status: this.status, body: { error: this.error }, headers: this.headers };
  }
}

/** Tells an object from everything else. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** 404 as ARM itself gives it, before the provider is asked. */
export function resourceNotFound(type: string, name: string, group: string): ArmError {
  const message =
    `The Resource '${type}/${name}' under resource group '${group}' was not found. ` +
    "For more details please go to https://aka.ms/ARMResourceNotFoundFix";
  return new ArmError(404, { code: "ResourceNotFound", message }, { "x-ms-failure-cause": "gateway" });
}

/** 404 as the Compute provider gives it for a vanished VM or an extension that is not in the model. */
export function entityNotFound(): ArmError {
  return new ArmError(404, { code: "NotFound", message: "The entity was not found in this Azure location." });
}
