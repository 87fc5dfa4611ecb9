import { ArmError } from "./http.ts";

/** Compute's token buckets per resource: how many at once, and how many come back a minute. */
export const BUCKETS = {
  VMScaleSetActions30Min: { burst: 12, perMinute: 4 },
  GetVMScaleSet30Min: { burst: 36, perMinute: 12 },
  HighCostGetVMScaleSet30Min: { burst: 30, perMinute: 10 },
  GetVMScaleSetVM30Min: { burst: 36, perMinute: 12 },
  GetOperation30Min: { burst: 45, perMinute: 15 },
} as const;

export type Bucket = keyof typeof BUCKETS;

/** Takes tokens out of Compute's buckets. */
export class Throttle {
  readonly #levels = new Map<string, { tokens: number; at: number }>();

  /** Takes one token, or answers 429; returns the header that tells what is left. */
  take(bucket: Bucket, resource: string, now: number): Record<string, string> {
    const { burst, perMinute } = BUCKETS[bucket];
    const key = `${bucket} ${resource.toLowerCase()}`;
    const last = this.#levels.get(key) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, last.tokens + ((now - last.at) / 60_000) * perMinute);
    this.#levels.set(key, { tokens: tokens < 1 ? tokens : tokens - 1, at: now });
    if (tokens >= 1) {
      return { "x-ms-ratelimit-remaining-resource": `Microsoft.Compute/${bucket};${Math.floor(tokens - 1)}` };
    }
    const seconds = Math.ceil(((1 - tokens) / perMinute) * 60);
    const message = "The server rejected the request because too many requests have been received for this resource.";
    const details = [{ code: "TooManyRequests", target: bucket, message }];
    const error = { code: "OperationNotAllowed", message, details };
    throw new ArmError(429, error, { "retry-after": String(seconds) });
  }
}
