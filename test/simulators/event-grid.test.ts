import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { Clock } from "../clock.ts";
import type { EventFilter } from "./event-filter.ts";
import type { Subscription } from "./event-grid.ts";
import { EventGrid } from "./event-grid.ts";

const clock = new Clock();
const got: { type: string | undefined; body: unknown; at: number }[] = [];
let statuses: number[] = [];
let deaf = false;
let url = "";

function answer(
  request: IncomingMessage,
  text: string,
): { status: number; headers?: Record<string, string>; body?: string } {
  if (deaf) return { status: 200 };
  if (request.method === "OPTIONS") {
    return { status: 200, headers: { "Webhook-Allowed-Origin": String(request.headers["webhook-request-origin"]) } };
  }
  const body = JSON.parse(text) as { data: { validationCode: string } }[];
  if (request.headers["aeg-event-type"] === "SubscriptionValidation") {
    return { status: 200, body: JSON.stringify({ validationResponse: body[0]?.data.validationCode }) };
  }
  got.push({ type: request.headers["content-type"], body, at: clock.now() });
  return { status: statuses.shift() ?? 202 };
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, headers, body } = answer(request, Buffer.concat(await request.toArray()).toString());
  response.writeHead(status, headers).end(body);
}

const server = createServer((request, response) => {
  void respond(request, response);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?code=x`;
});
beforeEach(() => {
  got.length = 0;
  statuses = [];
});
afterAll(() => server.close());

const event = {
  id: "1",
  topic: "/subscriptions/s",
  subject: "/subscriptions/s/resourcegroups/RG/providers/x/y",
  eventType: "Microsoft.Resources.ResourceWriteSuccess",
  eventTime: "2026-01-01T00:00:00Z",
  data: { operationName: "Microsoft.Compute/virtualMachineScaleSets/write" },
};

async function topic(filter: EventFilter = {}, schema: Subscription["schema"] = "EventGridSchema"): Promise<EventGrid> {
  const grid = new EventGrid({ clock });
  await grid.subscribe({ url, schema, filter });
  return grid;
}

it("delivers in both schemas, and the clock waits for the deliveries", async () => {
  const grid = await topic();
  await grid.subscribe({ url, schema: "CloudEventSchemaV1_0", filter: {} });
  grid.publish(event);
  await clock.advance(0);
  const { topic: source, subject, eventTime: time, eventType: type, id, data } = event;
  expect(got).toMatchObject([
    { type: "application/json; charset=utf-8", body: [event] },
    {
      type: "application/cloudevents+json; charset=utf-8",
      body: { specversion: "1.0", source, subject, time, type, id, data },
    },
  ]);
  expect(grid).toMatchObject({ delivered: 2, failed: 0, deadLettered: [] });
});

const operation = (...values: readonly string[]): EventFilter => ({
  advancedFilters: [{ operatorType: "StringIn", key: "data.operationName", values }],
});

it.each<[string, EventFilter, number]>([
  ["the event's type", { includedEventTypes: ["microsoft.resources.resourcewritesuccess"] }, 1],
  ["another type", { includedEventTypes: ["Microsoft.Resources.ResourceDeleteSuccess"] }, 0],
  ["its subject in a different case", { subjectBeginsWith: "/SUBSCRIPTIONS/s/resourceGroups/rg/" }, 1],
  ["another subject", { subjectBeginsWith: "/subscriptions/other" }, 0],
  ["its operation", operation("x", "MICROSOFT.COMPUTE/virtualMachineScaleSets/write"), 1],
  ["another operation", operation("Microsoft.Compute/virtualMachineScaleSets/delete/action"), 0],
  ["the end of its subject", { subjectEndsWith: "/Y" }, 1],
  ["its subject, case-sensitive", { subjectBeginsWith: "/subscriptions/S", isSubjectCaseSensitive: true }, 0],
  [
    "a key that the event does not have",
    { advancedFilters: [{ operatorType: "StringIn", key: "data.status", values: ["x"] }] },
    0,
  ],
  [
    "a part of its subject",
    { advancedFilters: [{ operatorType: "StringContains", key: "subject", values: ["X/y"] }] },
    1,
  ],
])("filters by %s", async (_what, filter, count) => {
  const grid = await topic(filter);
  grid.publish(event);
  await clock.advance(0);
  expect(got).toHaveLength(count);
});

it("throws for a filter operator that is not modelled", async () => {
  const grid = await topic({ advancedFilters: [{ operatorType: "NumberIn", key: "data.count", values: ["1"] }] });
  expect(() => grid.publish(event)).toThrow("NumberIn is not modelled");
});

it("retries with growing intervals until the delivery succeeds", async () => {
  statuses = [500, 503, 404, 500, 500, 429, 500, 202];
  const grid = await topic();
  grid.publish(event);
  await clock.advance(24 * 3_600_000);
  const gaps = got.slice(1).map(({ at }, i) => Math.round((at - (got[i]?.at ?? 0)) / 1000));
  expect(gaps).toEqual([10, 30, 60, 300, 600, 1800, 3600]);
  expect(grid).toMatchObject({ delivered: 1, failed: 7, deadLettered: [] });
});

it("gives up after a day", async () => {
  statuses = Array<number>(50).fill(500);
  const grid = await topic();
  grid.publish(event);
  await clock.advance(72 * 3_600_000);
  expect(got).toHaveLength(11);
  expect(grid.deadLettered).toEqual([event]);
});

it.each([400, 403, 413])("does not retry after %i", async (status) => {
  statuses = [status];
  const grid = await topic();
  grid.publish(event);
  await clock.advance(3_600_000);
  expect(got).toHaveLength(1);
  expect(grid.deadLettered).toEqual([event]);
});

it("drops events while delivery is off", async () => {
  const grid = await topic();
  grid.deliver = false;
  grid.publish(event);
  await clock.advance(3_600_000);
  expect(got).toEqual([]);
});

it.each(["EventGridSchema", "CloudEventSchemaV1_0"] as const)(
  "requires a response to its validation (%s)",
  async (schema) => {
    deaf = true;
    await expect(topic({}, schema)).rejects.toThrow("did not answer the validation");
    deaf = false;
  },
);
