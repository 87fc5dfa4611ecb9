import { app, type InvocationContext, type Timer } from "@azure/functions";
import { readSchedule } from "../shared/config/config.ts";
import { endpointsFlow } from "../shared/endpoints/flow.ts";
import { runTimer } from "../shared/triggers/timer.ts";

/** Publishes the addresses of every cluster's Windows nodes. */
const scrapeEndpointsTimer = (_timer: Timer, context: InvocationContext): Promise<void> =>
  runTimer(endpointsFlow, context);

app.timer("scrapeEndpointsTimer", {
  schedule: readSchedule(process.env, "SCRAPE_ENDPOINTS_SCHEDULE"),
  handler: scrapeEndpointsTimer,
});
