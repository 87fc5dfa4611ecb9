import { randomUUID } from "node:crypto";
import type { Clock } from "../clock.ts";
import { type EventFilter, matchesFilter } from "./event-filter.ts";

/** A webhook, and a filter for the topic's events that it receives. */
export interface Subscription {
  url: string;
  schema: "EventGridSchema" | "CloudEventSchemaV1_0";
  filter: EventFilter;
}

interface Event {
  readonly id?: string;
  readonly topic?: string;
  readonly subject?: string;
  readonly eventType?: string;
  readonly eventTime?: string;
  readonly data?: { readonly operationName?: string };
}

const seconds = [10, 30, 60, 300, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600];
const dayMs = 24 * 3_600_000;
const final = new Set([400, 401, 403, 413]);

function toCloudEvent({ id, topic, subject, eventType, eventTime, data }: Event): object {
  return { specversion: "1.0", id, source: topic, subject, type: eventType, time: eventTime, data };
}

/** A topic and its webhook subscriptions. It delivers at least once, in no guaranteed order, with retries on the clock. */
export class EventGrid {
  readonly #clock: Clock;
  readonly #subscriptions: Subscription[] = [];
  readonly deadLettered: object[] = [];
  /** While this is false, events are lost, as in an outage of Event Grid. */
  deliver = true;
  delivered = 0;
  failed = 0;

  constructor(options: { clock: Clock }) {
    this.#clock = options.clock;
  }

  /** Adds a subscription after its endpoint has responded to the validation. */
  async subscribe(subscription: Subscription): Promise<void> {
    const valid = await (subscription.schema === "EventGridSchema"
      ? validateEventGridSchema(subscription.url)
      : validateCloudEvents(subscription.url));
    if (!valid) throw new Error(`The webhook did not answer the validation: ${new URL(subscription.url).pathname}`);
    this.#subscriptions.push(subscription);
  }

  unsubscribeAll(): void {
    this.#subscriptions.length = 0;
  }

  /** Delivers an event (Event Grid schema) to every subscription whose filter matches, at the clock's time. */
  publish(event: object): void {
    for (const subscription of this.#subscriptions) {
      if (!this.deliver || !matchesFilter(subscription.filter, event)) continue;
      const now = this.#clock.now();
      this.#clock.schedule(now, () => this.#attempt(subscription, event, { number: 1, since: now }));
    }
  }

  async #attempt(subscription: Subscription, event: Event, attempt: { number: number; since: number }): Promise<void> {
    const cloud = subscription.schema === "CloudEventSchemaV1_0";
    const type = cloud ? "application/cloudevents+json" : "application/json";
    const status = await post(subscription.url, type, cloud ? toCloudEvent(event) : [event]);
    if (status >= 200 && status <= 204) {
      this.delivered++;
      return;
    }
    this.failed++;
    const wait = (seconds[attempt.number - 1] ?? 12 * 3600) * 1000;
    const next = this.#clock.now() + wait;
    if (final.has(status) || attempt.number >= 30 || next > attempt.since + dayMs) {
      this.deadLettered.push(event);
      return;
    }
    const again = { ...attempt, number: attempt.number + 1 };
    this.#clock.schedule(next, () => this.#attempt(subscription, event, again));
  }
}

/** Returns the status of a delivery, or 0 if there is no response within 30 s. */
async function post(url: string, type: string, body: object): Promise<number> {
  const headers = { "content-type": `${type}; charset=utf-8`, "aeg-event-type": "Notification" };
  const init = { method: "POST", headers, body: JSON.stringify(body), signal: AbortSignal.timeout(30_000) };
  return fetch(url, init).then(
    async (response) => {
      await response.arrayBuffer();
      return response.status;
    },
    () => 0,
  );
}

async function validateEventGridSchema(url: string): Promise<boolean> {
  const validationCode = randomUUID();
  const event = {
    id: randomUUID(),
    eventType: "Microsoft.EventGrid.SubscriptionValidationEvent",
    data: { validationCode },
  };
  const headers = { "content-type": "application/json", "aeg-event-type": "SubscriptionValidation" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify([event]) });
  const answer = (await response.json().catch(() => ({}))) as { validationResponse?: string };
  return response.ok && answer.validationResponse === validationCode;
}

async function validateCloudEvents(url: string): Promise<boolean> {
  const headers = { "WebHook-Request-Origin": "eventgrid.azure.net" };
  const response = await fetch(url, { method: "OPTIONS", headers });
  const allowed = response.headers.get("webhook-allowed-origin");
  return response.ok && (allowed === "*" || allowed === "eventgrid.azure.net");
}
