import type { Reply } from "./http.ts";

/** A scripted response that replaces the real one, `times` times. */
export type Fault = Reply & { match: (method: string, path: string) => boolean; times: number };

/** Returns the response of the first fault that matches the request, or undefined. */
export function faultOf(faults: readonly Fault[], method: string, path: string): Reply | undefined {
  const fault = faults.find((one) => one.times > 0 && one.match(method, path));
  if (fault) fault.times -= 1;
  return fault;
}
