import type { ComputeManagementClientOptionalParams } from "@azure/arm-compute";
import { memberOf, textIn } from "../errors.ts";

type Policies = NonNullable<ComputeManagementClientOptionalParams["additionalPolicies"]>;

/** A call that a management service answered with an error status, in the service's own words. */
export class RefusedCall extends Error {
  override readonly name = "RefusedCall";
  readonly statusCode: number;
  readonly code: string | undefined;
  /** For `Retry-After`. */
  readonly response: unknown;

  constructor(statusCode: number, response: { readonly bodyAsText?: string | null | undefined }) {
    const body = parse(response.bodyAsText ?? "");
    // ARM wraps the error, AKS's own resource provider does not.
    const error = memberOf(body, "error") ?? body;
    super(textIn(error, "message") ?? `status ${statusCode}`);
    this.statusCode = statusCode;
    this.code = textIn(error, "code");
    this.response = response;
  }
}

/**
 * Keeps what a service said about a failure: the SDK's pagers drop the body, and its pollers take a poll that failed
 * for an operation that failed. Inside of the SDK's own retries it lets through what a quick second try may mend; with
 * a Retry-After the SDK would sleep for that long, whatever the pass has left.
 */
export const KEEP_ANSWERS: Policies = [
  throwing("perRetry", ({ status, headers }) => status < 500 || headers.has("retry-after")),
  throwing("perCall", () => true),
];

/**
 * Lets calls go to one origin alone. The address of a running operation comes back out of the app's stored memory, and
 * the SDK would send its token to whatever host stands there.
 */
export function onlyTo(endpoint: string): Policies[number] {
  const { origin } = new URL(endpoint);
  return {
    position: "perCall",
    policy: {
      name: "onlyTo",
      sendRequest: async (request, next) => {
        const asked = new URL(request.url).origin;
        if (asked !== origin) throw new TypeError(`found an address at ${asked}, expected one at ${origin}`);
        return next(request);
      },
    },
  };
}

type Response = Awaited<ReturnType<Policies[number]["policy"]["sendRequest"]>>;

function throwing(position: Policies[number]["position"], isFinal: (response: Response) => boolean): Policies[number] {
  return {
    position,
    policy: {
      name: `keepAnswer ${position}`,
      sendRequest: async (request, next) => {
        const response = await next(request);
        if (response.status >= 400 && isFinal(response)) throw new RefusedCall(response.status, response);
        return response;
      },
    },
  };
}

/** A gateway may answer with a page; its words are of no use. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
