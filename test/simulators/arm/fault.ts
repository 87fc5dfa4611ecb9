import type { Reply } from "./http.ts";

/** An answer given in place of the real one, a number of times. */
export type Fault = Reply & { match: (method: string, path: string) => boolean; times: number };

/** The answer that a fault gives to this request, if one does. */
export function faultOf(faults: readonly Fault[], method: string, path: string): Reply | undefined {
  const fault = faults.find((one) => one.times > 0 && one.match(method, path));
  if (fault) fault.times -= 1;
  return fault;
}
