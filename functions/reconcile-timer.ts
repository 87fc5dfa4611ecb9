import { app, type InvocationContext, type Timer } from "@azure/functions";
import { readSchedule } from "../shared/config.ts";
import { reconcileExtension } from "../shared/reconcile/reconcile.ts";
import { runTimer } from "../shared/triggers/timer.ts";

/** The level trigger: it alone suffices, events only make it quicker. */
const reconcileTimer = (_timer: Timer, context: InvocationContext): Promise<void> =>
  runTimer("extension", reconcileExtension, context);

app.timer("reconcileTimer", { schedule: readSchedule(process.env, "RECONCILE_SCHEDULE"), handler: reconcileTimer });
