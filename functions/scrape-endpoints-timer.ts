import { app, type InvocationContext, type Timer } from "@azure/functions";
import { endpointsFlow } from "../shared/endpoints/flow.ts";
import { EVERY_MINUTE, runTimer } from "../shared/triggers/timer.ts";

/** Publishes the addresses of every cluster's Windows nodes. */
const scrapeEndpointsTimer = (_timer: Timer, context: InvocationContext): Promise<void> =>
  runTimer(endpointsFlow, context);

app.timer("scrapeEndpointsTimer", { schedule: EVERY_MINUTE, handler: scrapeEndpointsTimer });
