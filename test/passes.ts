import { readConfig } from "../shared/config.ts";
import { createDependencies, type Dependencies } from "../shared/dependencies.ts";
import { dueBecause } from "../shared/fleet.ts";
import type { Report } from "../shared/model/plan.ts";
import { type ClusterId, parseClusterId } from "../shared/model/resource-id.ts";
import { policyOf } from "../shared/policy.ts";
import { reconcileExtension } from "../shared/reconcile.ts";
import { renderReport, type ReportText } from "../shared/report/report.ts";
import { openWorld, type World, type WorldOptions } from "./world.ts";

/** A world whose passes a test runs itself, as the timer would: several fit into one process. */
export interface Passes {
  readonly world: World;
  readonly deps: Dependencies;
  readonly cluster: ClusterId;
  /** One pass now; a worker that was just started has no caches. */
  pass(cause?: "timer" | "resync" | "event"): Promise<Report>;
  /** Lets minutes go by, with a pass whenever one is due; the reports of those. */
  live(minutes: number): Promise<readonly Report[]>;
}

/** Opens a world, and the app's own dependencies on it, without a host. */
export async function openPasses(options: WorldOptions = {}): Promise<Passes> {
  const world = await openWorld(options);
  const deps = createDependencies(readConfig(world.settings));
  const cluster = parseClusterId(world.cluster.id);
  const pass: Passes["pass"] = async (cause = "timer") => {
    const policy = policyOf(deps.config.mode);
    const report = await reconcileExtension(cluster, deps, { cause, policy, signal: AbortSignal.timeout(60_000) });
    if (typeof report === "string") throw new Error(`no pass: ${report}`);
    return report;
  };
  return {
    world,
    deps,
    cluster,
    pass,
    live: async (minutes) => {
      const reports: Report[] = [];
      for (let minute = 0; minute < minutes; minute++) {
        await world.clock.advance(60_000);
        const cause = await dueBecause(cluster, "extension", deps, AbortSignal.timeout(10_000));
        if (cause) reports.push(await pass("timer"));
      }
      return reports;
    },
  };
}

/** A report in words, for expectations that read. */
export function inWords(report: Report | undefined): ReportText {
  if (!report) throw new Error("there is no report");
  return renderReport(report);
}

/** The verdicts on the cluster's scale sets: `win1 waiting aks-busy`. */
export function setVerdicts(report: Report | undefined): readonly string[] {
  return (report?.plan.verdicts ?? []).flatMap(({ subject, state, because }) =>
    subject.kind === "scale-set" ? [[subject.pool, state, because].filter(Boolean).join(" ")] : [],
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
