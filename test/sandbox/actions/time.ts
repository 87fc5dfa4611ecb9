import * as v from "valibot";
import { action } from "../action.ts";
import { choice, count, duration, Refusal } from "../input.ts";
import { findUnconverged, findUnpublished, isAksAtRest } from "../invariants.ts";
import type { Sandbox } from "../sandbox.ts";
import { currentPackage } from "../view.ts";

const MINUTE_MS = 60_000;

/** How time passes. */
export const TIME_ACTIONS = [
  action({
    path: "/world/clock",
    says: ({ advance }) => `The clock advances by ${advance}`,
    buttons: { "+10 min": {}, "+1 h": { advance: "PT1H" } },
    example: { advance: "PT10M" },
    body: { advance: duration() },
    run: async ({ world: { clock } }, { advance }) => {
      await clock.advance(advance);
      return { clock: new Date(clock.now()).toISOString() };
    },
  }),
  action({
    path: "/world/speed",
    says: ({ speed }) => `Idle time runs at ${speed} times real time`,
    buttons: { "1×": { speed: 1 }, "60×": {}, "600×": { speed: 600 } },
    example: { speed: 60 },
    body: { speed: count(1) },
    run: ({ pace }, { speed }) => {
      pace.speed = speed;
    },
  }),
  action({
    path: "/world/rest",
    says: ({ until = "AKS" }) =>
      until === "AKS"
        ? "Time passes until AKS is at rest"
        : "Time passes until every node has the package and is published",
    buttons: { "Skip until AKS rests": {}, "Skip until all is covered": { until: "app" } },
    example: { until: "AKS" },
    body: {
      until: v.optional(choice(["AKS", "app"]), "AKS"),
      limit: v.optional(duration(), "PT3H"),
    },
    run: (sandbox, { until, limit }) => rest(sandbox, until === "AKS" ? aksBusy : unconverged, limit),
  }),
];

/** Advances the clock until nothing is busy; throws a 409 with what is, after the limit in milliseconds. */
async function rest(
  sandbox: Sandbox,
  findBusy: (sandbox: Sandbox) => Promise<readonly string[]>,
  limitMs: number,
): Promise<{ readonly clock: string }> {
  const { clock } = sandbox.world;
  const until = clock.now() + limitMs;
  for (let busy = await findBusy(sandbox); busy.length > 0; busy = await findBusy(sandbox)) {
    if (clock.now() >= until) throw new Refusal(409, `still busy: ${busy.join("; ")}`);
    await clock.advance(MINUTE_MS);
  }
  return { clock: new Date(clock.now()).toISOString() };
}

/** A machine that is stopped before AKS's own extension has ended would wait for AKS. */
async function aksBusy({ world: { cluster, arm } }: Sandbox): Promise<readonly string[]> {
  const busy = [cluster, ...cluster.pools].filter(({ state }) => !isAksAtRest(state));
  const changing = arm.world.scaleSets
    .flatMap(({ instances }) => instances)
    .filter(({ power, state }) => !["running", "deallocated"].includes(power) || !isAksAtRest(state));
  return [
    ...busy.map(({ name, state }) => `${name} is ${state}`),
    ...changing.map(({ computerName, power, state }) => `${computerName} is ${power} and ${state}`),
  ];
}

async function unconverged(sandbox: Sandbox): Promise<readonly string[]> {
  const { world } = sandbox;
  const left = [...findUnconverged(world, await currentPackage(world)), ...(await findUnpublished(world))];
  return [...(await aksBusy(sandbox)), ...left];
}
