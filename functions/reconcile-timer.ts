import { app, type InvocationContext, type Timer } from "@azure/functions";
import { readSchedule } from "../shared/config/config.ts";
import { extensionFlow } from "../shared/extension/flow.ts";
import { runTimer } from "../shared/triggers/timer.ts";

/** The level trigger: the timer alone is enough, events only make it faster. */
const reconcileTimer = (_timer: Timer, context: InvocationContext): Promise<void> => runTimer(extensionFlow, context);

app.timer("reconcileTimer", { schedule: readSchedule(process.env, "RECONCILE_SCHEDULE"), handler: reconcileTimer });
