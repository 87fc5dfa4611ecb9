import type { HostedFunction } from "./core-api.ts";
import { empty } from "./http.ts";
import type { Invocations } from "./invocations.ts";

interface Event {
  readonly data?: { readonly validationCode?: string };
}

/** What the Event Grid extension answers to a call that has the key and names one of its functions. */
export async function answerWebhook(invocations: Invocations, fn: HostedFunction, call: Request): Promise<Response> {
  const origin = call.headers.get("webhook-request-origin");
  if (call.method === "OPTIONS" && origin) return new Response(null, { headers: { "Webhook-Allowed-Origin": origin } });
  const type = call.headers.get("aeg-event-type");
  if (type === "Unsubscribe") return empty(202);
  if (type !== "Notification" && type !== "SubscriptionValidation") return empty(400);
  const events = [(await call.json()) as Event | Event[]].flat();
  if (type === "SubscriptionValidation") {
    return Response.json({ validationResponse: events[0]?.data?.validationCode });
  }
  const runs = events.map((event) => runEvent(invocations, fn, JSON.stringify(event, null, 2)));
  const ended = await Promise.allSettled(runs);
  if (ended.every(({ status }) => status === "fulfilled")) return empty(202);
  return new Response(`Exception while executing function: Functions.${fn.name}`, { status: 500 });
}

/** Runs an Event Grid function on one event, JSON. */
export async function runEvent(invocations: Invocations, fn: HostedFunction, event: string): Promise<unknown> {
  const { data = null } = JSON.parse(event) as Event;
  return invocations.run(fn, { string: event }, { data: { json: JSON.stringify(data) } });
}
