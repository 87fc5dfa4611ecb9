import type { Engine } from "./engine.ts";
import { ArmError } from "./http.ts";

const MINUTE = 60_000;

/** Counts a write on a scale set, or throws a 429 if the last minute had too many. */
export function throttle({ writesPerMinute, writes, flow }: Engine, method: string, path: string): void {
  if (method === "GET") return;
  const scaleSet = path.toLowerCase().split("/").slice(0, 9).join("/");
  const now = flow.clock.now();
  const recent = (writes.get(scaleSet) ?? []).filter((at) => at > now - MINUTE);
  const [first = now] = recent;
  writes.set(scaleSet, recent.length < writesPerMinute ? [...recent, now] : recent);
  if (recent.length < writesPerMinute) return;
  const message = "The server rejected the request because too many requests have been received for this resource.";
  const details = [{ code: "TooManyRequests", target: "VMScaleSetActions30Min", message }];
  const retryAfter = String(Math.ceil((first + MINUTE - now) / 1000));
  throw new ArmError(429, { code: "OperationNotAllowed", message, details }, { "retry-after": retryAfter });
}
