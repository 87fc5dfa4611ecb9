import type { Flow } from "./flow.ts";
import type { RawRequest } from "./http.ts";

/**
 * A scripted delay of responses, `times` times, on the clock: a response waits in real time, or until a test advances
 * the clock. ARM has handled the request by then.
 */
export interface Latency {
  readonly match: (method: string, path: string) => boolean;
  readonly ms: number;
  times: number;
}

/** Waits as long as the first latency says that matches the request. */
export async function delay(flow: Flow, latencies: readonly Latency[], { method, url }: RawRequest): Promise<void> {
  const { pathname } = new URL(url, "https://management.azure.com");
  const latency = latencies.find((each) => each.times > 0 && each.match(method, pathname));
  if (!latency) return;
  latency.times -= 1;
  await flow.wait(latency.ms);
}
