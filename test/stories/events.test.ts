import { afterAll, beforeAll, expect, test } from "vitest";
import { disabled, runHourly } from "../hourly.ts";
import type { FunctionsHost } from "../simulators/host/functions-host.ts";
import { openWorld } from "../world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
// The timer function runs only once per hour, so that events cause everything in between.
const world = await openWorld({ settings: disabled("reconcileTimer") });
let host: FunctionsHost;
beforeAll(async () => {
  host = await world.load(() => import("../../functions/main.ts"));
  runHourly("reconcileTimer", { host, clock: world.clock }, 0);
  world.events.arm.deliver = false;
  world.events.aks.deliver = false;
  await world.clock.advance(12 * HOUR_MS);
  await toMinute(5);
});
afterAll(() => world.stop());

const { subscription, nodeResourceGroup } = world.cluster;
const resourceUri = `/subscriptions/${subscription}/resourcegroups/${nodeResourceGroup}/providers/Microsoft.Compute/virtualMachineScaleSets/akswin1`;

function writeEvent(change: object = {}): object {
  return {
    id: crypto.randomUUID(),
    subject: resourceUri,
    eventType: "Microsoft.Resources.ResourceWriteSuccess",
    topic: `/subscriptions/${subscription}/resourceGroups/${nodeResourceGroup}`,
    eventTime: new Date().toISOString(),
    data: { resourceUri, operationName: "Microsoft.Compute/virtualMachineScaleSets/write", status: "Succeeded" },
    dataVersion: "2",
    metadataVersion: "1",
    ...change,
  };
}

function deliver(events: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const query = new URLSearchParams({ functionName: "scaleSetEvent", code: host.eventGridKey });
  return fetch(`${host.url}/runtime/webhooks/EventGrid?${query.toString()}`, {
    method: "POST",
    headers: { "content-type": "application/json", "aeg-event-type": "Notification", ...headers },
    body: JSON.stringify(events),
  });
}

const appCalls = (action: string, since: number) =>
  world.arm.journal.filter((entry) => entry.n > since && entry.who === "app" && entry.action === action);
const CLUSTER_READ = "Microsoft.ContainerService/managedClusters/read";
const EXTENSION_WRITE = "Microsoft.Compute/virtualMachineScaleSets/extensions/write";

/** Advances the clock to a minute of an hour. */
async function toMinute(minute: number): Promise<void> {
  const past = world.clock.now() % HOUR_MS;
  await world.clock.advance((minute * MINUTE_MS - past + HOUR_MS) % HOUR_MS);
}

/** Lets AKS overwrite the model without an event to the app. Returns the length of the journal. */
async function dropExtension(): Promise<number> {
  await world.arm.aks.reconcile(world.cluster.id, "win1");
  await world.clock.advance(2 * MINUTE_MS);
  return world.arm.journal.length;
}

test("responds to the validation of a subscription with its code", async () => {
  const answer = await deliver([{ ...writeEvent(), data: { validationCode: "512d38b6" } }], {
    "aeg-event-type": "SubscriptionValidation",
  });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ validationResponse: "512d38b6" });
});

test.each(["Event Grid", "CloudEvents"])(
  "puts the extension within 30 seconds of a scale set's write event (schema of %s)",
  async (schema) => {
    const before = await dropExtension();
    const at = world.clock.now();
    const { topic, eventType, eventTime, ...rest }: Record<string, unknown> = { ...writeEvent() };
    const cloudEvent = { ...rest, specversion: "1.0", source: topic, type: eventType, time: eventTime };
    const isCloudEvent = schema === "CloudEvents";
    const answer = isCloudEvent
      ? await deliver(cloudEvent, { "content-type": "application/cloudevents+json" })
      : await deliver([writeEvent()]);
    expect(answer.status).toBeLessThan(300);
    expect(appCalls(EXTENSION_WRITE, before)).toHaveLength(1);
    expect(world.clock.now() - at).toBeLessThan(30_000);
  },
);

test("puts the extension after AKS's own rolling event", async () => {
  const before = await dropExtension();
  const event = {
    eventType: "Microsoft.ContainerService.NodePoolRollingSucceeded",
    topic: world.cluster.id.toUpperCase(),
    subject: "shop",
  };
  expect((await deliver([writeEvent({ ...event, data: { nodePoolName: "win1" } })])).status).toBe(202);
  expect(appCalls(EXTENSION_WRITE, before)).toHaveLength(1);
});

const IN_ORDER: Readonly<Record<string, () => Promise<readonly number[]>>> = {
  "at once": async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => deliver([writeEvent()])));
    return answers.map(({ status }) => status);
  },
  "in sequence": async () => {
    const statuses: number[] = [];
    for (let sent = 0; sent < 50; sent++) statuses.push((await deliver([writeEvent()])).status);
    return statuses;
  },
};

test.each(Object.keys(IN_ORDER))("50 events %s cause at most two passes", async (how) => {
  await toMinute(20);
  const before = await dropExtension();
  expect(await IN_ORDER[how]?.()).toEqual(Array.from({ length: 50 }, () => 202));
  expect(appCalls(CLUSTER_READ, before).length).toBeGreaterThanOrEqual(1);
  await toMinute(1);
  expect(appCalls(CLUSTER_READ, before).length).toBeLessThanOrEqual(2);
  expect(appCalls(EXTENSION_WRITE, before)).toHaveLength(1);
});

test.each([
  {
    what: "another resource group",
    event: { data: { resourceUri: resourceUri.replace(nodeResourceGroup, "other") } },
    log: "none of the clusters",
  },
  {
    what: "a disk",
    event: { data: { resourceUri: resourceUri.replace("virtualMachineScaleSets", "disks") } },
    log: "not about a scale set",
  },
  {
    what: "another type",
    event: { eventType: "Microsoft.Resources.ResourceDeleteSuccess" },
    log: "does not handle events of type",
  },
  { what: "no type", event: { eventType: 7 }, log: "expected an event" },
])("acknowledges, drops and logs an event of $what", async ({ event, log }) => {
  const { length } = world.arm.journal;
  const logged = host.logs.length;
  expect((await deliver([writeEvent(event)])).status).toBe(202);
  expect(world.arm.journal.length).toBe(length);
  expect(
    host.logs
      .slice(logged)
      .map(({ message }) => message)
      .join("\n"),
  ).toContain(log);
});
