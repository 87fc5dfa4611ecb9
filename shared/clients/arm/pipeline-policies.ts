import type { ComputeManagementClientOptionalParams } from "@azure/arm-compute";
import { memberOf, parseJson, textIn } from "../../model/json.ts";
import { LARGEST_BODY_BYTES, readAtMost } from "../read-at-most.ts";

type Policies = NonNullable<ComputeManagementClientOptionalParams["additionalPolicies"]>;

/** A response of ARM or a resource provider with an error status. The message is the service's own. */
export class ArmResponseError extends Error {
  override readonly name = "ArmResponseError";
  readonly statusCode: number;
  readonly code: string | undefined;
  /** The response; `toCallError` reads `Retry-After` from it. */
  readonly response: unknown;

  constructor(statusCode: number, response: { readonly bodyAsText?: string | null | undefined }) {
    const body = parseJson(response.bodyAsText ?? "");
    // ARM returns the error in a property `error`, the resource provider of AKS at the top level.
    const error = memberOf(body, "error") ?? body;
    super(textIn(error, "message") ?? `HTTP status ${statusCode}`);
    this.statusCode = statusCode;
    this.code = textIn(error, "code");
    this.response = response;
  }
}

/**
 * Policies that throw each error response with the service's error. Without them, the SDK's pagers drop the response
 * body, and its pollers treat a failed poll as a failed operation. Inside the SDK's retry policy, 5xx responses pass,
 * because an immediate retry may succeed; those with Retry-After are thrown, because the SDK would sleep for longer
 * than the pass has.
 */
export const ERROR_POLICIES: Policies = [
  throwErrorResponse("perRetry", ({ status, headers }) => status < 500 || headers.has("retry-after")),
  throwErrorResponse("perCall", () => true),
];

/**
 * Returns a policy that rejects requests to any other origin. The app reads the URL of a running operation from its
 * stored memory, and the SDK would send its access token to any host in that URL.
 */
export function restrictToOrigin(endpoint: string): Policies[number] {
  const { origin } = new URL(endpoint);
  return {
    position: "perCall",
    policy: {
      name: "restrictToOrigin",
      sendRequest: async (request, next) => {
        const requested = new URL(request.url).origin;
        if (requested !== origin) {
          throw new TypeError(`The app does not send requests to ${requested}, only to ${origin}.`);
        }
        return next(request);
      },
    },
  };
}

/** A policy that reads a response body up to a limit. The SDK's HTTP client would read it to its end. */
export const LIMIT_BODY: Policies[number] = {
  position: "perRetry",
  policy: {
    name: "limitBody",
    sendRequest: async (request, next) => {
      // Infinity stands for every status (core-rest-pipeline).
      request.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY]);
      const { readableStreamBody, ...response } = await next(request);
      if (!readableStreamBody) return response;
      const body = await readAtMost(readableStreamBody, LARGEST_BODY_BYTES);
      return { ...response, bodyAsText: body.toString("utf8") };
    },
  },
};

type Response = Awaited<ReturnType<Policies[number]["policy"]["sendRequest"]>>;

function throwErrorResponse(
  position: Policies[number]["position"],
  isFinal: (response: Response) => boolean,
): Policies[number] {
  return {
    position,
    policy: {
      name: `throwErrorResponse ${position}`,
      sendRequest: async (request, next) => {
        const response = await next(request);
        if (response.status >= 400 && isFinal(response)) throw new ArmResponseError(response.status, response);
        return response;
      },
    },
  };
}
