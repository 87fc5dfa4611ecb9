import type { Reply } from "./http.ts";
import type { Call } from "./route.ts";

/** A scripted response that replaces the real one, `times` times; its text can depend on the request. */
export type Fault = { match: (method: string, path: string) => boolean; times: number } & (
  | Reply
  | { reply: (call: Call) => Reply }
);

/** Returns the response of the first fault that matches the request, or undefined. */
export function faultOf(call: Call): Reply | undefined {
  const { method, url, engine } = call;
  const fault = engine.faults.find((one) => one.times > 0 && one.match(method, url.pathname));
  if (!fault) return undefined;
  fault.times -= 1;
  return "reply" in fault ? fault.reply(call) : fault;
}
