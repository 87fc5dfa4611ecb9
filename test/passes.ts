import type { ContainerClient } from "@azure/storage-blob";
import { readConfig } from "../shared/config/config.ts";
import { createDependencies, type Dependencies } from "../shared/dependencies.ts";
import { endpointsFlow } from "../shared/endpoints/flow.ts";
import { extensionFlow } from "../shared/extension/flow.ts";
import type { Cause, Flow, Report } from "../shared/model/flow.ts";
import { type ClusterId, parseClusterId } from "../shared/model/ids.ts";
import { findDue } from "../shared/reconcile/due.ts";
import { policyOf } from "../shared/reconcile/policy.ts";
import { reconcile } from "../shared/reconcile/reconcile.ts";
import { renderReport, type ReportText } from "../shared/report/report.ts";
import { openBlobs, storageToken } from "./packages.ts";
import { openWorld, type World, type WorldOptions } from "./world.ts";

/** A world whose passes a test runs itself, as the timer would: several fit into one process. */
export interface Passes {
  readonly world: World;
  readonly deps: Dependencies;
  readonly cluster: ClusterId;
  /** One pass now; a worker that was just started has no caches. */
  readonly pass: (cause?: "timer" | "resync" | "event") => Promise<Report>;
  /** The app's own container. */
  readonly state: ContainerClient;
  /** A pass of the endpoints flow of another copy of the app, with these settings changed. */
  readonly beside: (settings: Readonly<Record<string, string>>) => Promise<Report>;
  /** One pass of the endpoints flow now. */
  readonly publish: (cause?: "timer" | "resync") => Promise<Report>;
  /** Lets minutes go by, with a pass whenever one is due; the reports of those. */
  readonly live: (minutes: number) => Promise<readonly Report[]>;
}

/** Opens a world, and the app's own dependencies on it, without a host. */
export async function openPasses(options: WorldOptions = {}): Promise<Passes> {
  const world = await openWorld(options);
  const deps = createDependencies(readConfig(world.settings));
  const cluster = parseClusterId(world.cluster.id);
  const beside: Passes["beside"] = async (settings) => {
    const others = createDependencies(readConfig({ ...world.settings, ...settings }));
    const request = { cause: "timer", policy: policyOf("install"), signal: AbortSignal.timeout(60_000) } as const;
    const report = await reconcile(endpointsFlow, cluster, others, request);
    if (typeof report === "string") throw new Error(`no pass: ${report}`);
    return report;
  };
  const run = async (flow: Flow<Dependencies>, cause: Cause): Promise<Report> => {
    const policy = policyOf(deps.config.MODE);
    const report = await reconcile(flow, cluster, deps, { cause, policy, signal: AbortSignal.timeout(60_000) });
    if (typeof report === "string") throw new Error(`no pass: ${report}`);
    return report;
  };
  const pass: Passes["pass"] = (cause = "timer") => run(extensionFlow, cause);
  return {
    world,
    deps,
    cluster,
    pass,
    beside,
    state: openBlobs(`${world.hostAccountUrl}/aks-windows-metrics`, storageToken(world)),
    publish: (cause = "timer") => run(endpointsFlow, cause),
    live: async (minutes) => {
      const reports: Report[] = [];
      for (let minute = 0; minute < minutes; minute++) {
        await world.clock.advance(60_000);
        const due = await findDue({ flow: extensionFlow, cluster }, deps, AbortSignal.timeout(10_000));
        if (due) reports.push(await pass("timer"));
      }
      return reports;
    },
  };
}

/** A report in words, for expectations that read. */
export function reportText(report: Report | undefined): ReportText {
  if (!report) throw new Error("there is no report");
  return renderReport(report);
}

/** The verdicts on the cluster's scale sets: `win1 waiting aks-busy`. */
export function setVerdicts(report: Report | undefined): readonly string[] {
  return (report?.plan.verdicts ?? []).flatMap(({ subject, state, reason }) =>
    subject.kind === "scale-set" ? [[subject.pool, state, reason].filter(Boolean).join(" ")] : [],
  );
}

/** How many instances have which verdict. */
export function instanceStates(report: Report | undefined): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { subject, state } of report?.plan.verdicts ?? []) {
    if (subject.kind === "instance") counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}
