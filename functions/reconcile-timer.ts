import { app, type InvocationContext, type Timer } from "@azure/functions";
import { extensionFlow } from "../shared/extension/flow.ts";
import { EVERY_MINUTE, runTimer } from "../shared/triggers/timer.ts";

/** The level trigger: the timer alone is enough, events only make it faster. */
const reconcileTimer = (_timer: Timer, context: InvocationContext): Promise<void> => runTimer(extensionFlow, context);

app.timer("reconcileTimer", { schedule: EVERY_MINUTE, handler: reconcileTimer });
