import type { ContainerClient } from "@azure/storage-blob";
import { readConfig } from "../shared/config/config.ts";
import { createDependencies, type Dependencies } from "../shared/dependencies.ts";
import { endpointsFlow } from "../shared/endpoints/flow.ts";
import { extensionFlow } from "../shared/extension/flow.ts";
import type { Flow, PassRequest } from "../shared/model/flow.ts";
import { type ClusterId, parseClusterId } from "../shared/model/ids.ts";
import type { Cause, Report } from "../shared/model/report.ts";
import { MINUTE_MS } from "../shared/model/time.ts";
import { TICK_SLACK_MS } from "../shared/reconcile/at-rest.ts";
import { readMemory } from "../shared/reconcile/blobs.ts";
import { findDue } from "../shared/reconcile/due.ts";
import { policyOf } from "../shared/reconcile/policy.ts";
import { reconcile } from "../shared/reconcile/reconcile.ts";
import { renderReport, type ReportText } from "../shared/report/report.ts";
import { openBlobs, storageToken } from "./packages.ts";
import { openWorld, type World, type WorldOptions } from "./world.ts";

/** A world without a host, in which a test runs the passes; a process can have several. */
export interface Passes {
  readonly world: World;
  readonly deps: Dependencies;
  readonly cluster: ClusterId;
  /** Runs a pass of the extension flow. */
  readonly pass: (cause?: "timer" | "resync" | "event", asked?: Pick<PassRequest, "release">) => Promise<Report>;
  /** The app's container. */
  readonly state: ContainerClient;
  /** Runs a pass of the endpoints flow of another instance of the app, with changed settings. */
  readonly beside: (
    settings: Readonly<Record<string, string>>,
    adopt?: NonNullable<PassRequest["adopt"]>,
  ) => Promise<Report>;
  /** Runs a pass of the endpoints flow. */
  readonly publish: (cause?: "timer" | "resync") => Promise<Report>;
  /** Returns the passes of the app after a restart with changed settings. */
  readonly restart: (settings: Readonly<Record<string, string>>) => Passes;
  /** Advances the clock by minutes and runs the passes that are due; returns their reports. */
  readonly live: (minutes: number) => Promise<readonly Report[]>;
}

/** Opens a world, and creates the app's dependencies without a host. */
export async function openPasses(options: WorldOptions = {}): Promise<Passes> {
  return passesOf(await openWorld(options));
}

function passesOf(world: World, changes: Readonly<Record<string, string>> = {}): Passes {
  const deps = createDependencies(readConfig({ ...world.settings, ...changes }));
  const cluster = parseClusterId(world.cluster.id);
  const beside: Passes["beside"] = async (settings, adopt) => {
    const others = createDependencies(readConfig({ ...world.settings, ...settings }));
    const request = { policy: policyOf("install"), signal: AbortSignal.timeout(60_000) } as const;
    const cause = adopt ? ({ cause: "resync", adopt } as const) : ({ cause: "timer" } as const);
    const report = await reconcile(endpointsFlow, cluster, others, { ...request, ...cause });
    if (typeof report === "string") throw new Error(`no pass: ${report}`);
    return report;
  };
  const run = async (flow: Flow<Dependencies>, cause: Cause, asked = {}): Promise<Report> => {
    const policy = policyOf(deps.config.MODE);
    const request = { cause, policy, signal: AbortSignal.timeout(60_000), ...asked };
    const report = await reconcile(flow, cluster, deps, request);
    if (typeof report === "string") throw new Error(`no pass: ${report}`);
    return report;
  };
  const pass: Passes["pass"] = (cause = "timer", asked = {}) => run(extensionFlow, cause, asked);
  return {
    world,
    deps,
    cluster,
    pass,
    beside,
    restart: (settings) => passesOf(world, { ...changes, ...settings }),
    state: openBlobs(`${world.hostAccountUrl}/aks-windows-metrics`, storageToken(world)),
    publish: (cause = "timer") => run(endpointsFlow, cause),
    live: async (minutes) => {
      const reports: Report[] = [];
      const target = { flow: extensionFlow, cluster };
      // Passes take real time, in which the clock goes on.
      const until = world.clock.now() + (minutes + 0.5) * MINUTE_MS;
      let step = MINUTE_MS;
      while (world.clock.now() + step <= until) {
        await world.clock.advance(step);
        const due = await findDue(target, deps, AbortSignal.timeout(10_000));
        if (due) reports.push(await pass("timer"));
        // The ticks at which nothing is due are left out.
        const { memory } = await readMemory(deps.records, target, AbortSignal.timeout(10_000));
        const ticks = Math.floor((memory.requeueAt - TICK_SLACK_MS - world.clock.now()) / MINUTE_MS);
        step = Math.max(1, Math.min(ticks, Math.floor((until - world.clock.now()) / MINUTE_MS))) * MINUTE_MS;
      }
      return reports;
    },
  };
}

/** Returns a report as text. */
export function reportText(report: Report | undefined): ReportText {
  if (!report) throw new Error("there is no report");
  return renderReport(report);
}

/** Returns the verdicts on the cluster's scale sets, as `win1 waiting aks-busy`. */
export function setVerdicts(report: Report | undefined): readonly string[] {
  return (report?.plan.verdicts ?? []).flatMap(({ subject, state, reason }) =>
    subject.kind === "scale-set" ? [[subject.pool, state, reason].filter(Boolean).join(" ")] : [],
  );
}

/** Counts the verdicts on instances by state. */
export function instanceStates(report: Report | undefined): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { subject, state } of report?.plan.verdicts ?? []) {
    if (subject.kind === "instance") counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}
