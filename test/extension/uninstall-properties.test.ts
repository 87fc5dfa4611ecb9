import fc from "fast-check";
import { expect, test } from "vitest";
import { EMPTY_MEMORY, type ExtensionMemory } from "../../shared/extension/memory.ts";
import { planExtension } from "../../shared/extension/plan.ts";
import { recordObservation } from "../../shared/extension/record-observation.ts";
import { remember } from "../../shared/extension/remember.ts";
import type { ExtensionAction } from "../../shared/model/action.ts";
import type { Plan } from "../../shared/model/plan.ts";
import { CLUSTER_ID, DAY, desired, forPools, HOUR, MARKER, MINUTE, NOW, OLD_MARKER } from "../build.ts";
import { seed } from "../seed.ts";
import { createPureArm, type PureArm, stories, type Story } from "./pure-arm.ts";
import type { Condition, Machine } from "./pure-machine.ts";

/** Conditions in which the app can find out that a machine has no exporter, or gives it up. */
const ENDING: ReadonlySet<Condition> = new Set(["healthy", "package-fails", "stopped"]);

test("an uninstallation, begun at any time, ends without exporters and without the extension; and so does its reversal", () => {
  const reached = { deleted: 0, installed: 0 };
  fc.assert(
    fc.property(stories, fc.nat(30), fc.nat(30), (story, begun, reversed) => {
      const run = new Run(story);
      run.live(begun, { until: Number.POSITIVE_INFINITY });
      const { arm } = run;
      run.uninstall = "*";
      run.live(Number.POSITIVE_INFINITY, { until: run.at + 3 * DAY });
      expect(arm.pools.flatMap(({ machines }) => machines).filter((each) => run.isWrong(each))).toEqual([]);
      const ended = arm.pools.filter((pool) => pool.machines.every((each) => run.canEnd(each)));
      expect(ended.filter(({ entry }) => entry !== undefined)).toEqual([]);
      reached.deleted += ended.length;

      run.uninstall = [];
      run.live(reversed, { until: Number.POSITIVE_INFINITY });
      run.live(Number.POSITIVE_INFINITY, { until: run.at + 2 * DAY });
      const all = arm.pools.flatMap(({ machines }) => machines);
      if (!all.every(({ condition }) => condition === "healthy")) return;
      const known = all.filter((each) => run.stateOf(each) !== "unknown-package");
      expect(known.filter(({ marker, hasFailed }) => hasFailed || marker !== arm.desiredMarker())).toEqual([]);
      reached.installed += known.length;
    }),
    { numRuns: 60, seed },
  );
  expect(Math.min(reached.deleted, reached.installed)).toBeGreaterThan(20);
});

/** Passes over a story whose pools are uninstalled and installed. */
class Run {
  readonly arm: PureArm;
  uninstall: readonly string[] | "*" = [];
  at = NOW;
  #memory: ExtensionMemory = EMPTY_MEMORY;
  #plan: Plan<ExtensionAction> | undefined;
  readonly #events: Story["events"];
  #pass = 0;

  constructor({ events, ...start }: Story) {
    this.arm = createPureArm(start);
    this.#events = events;
  }

  /** Runs so many passes, at most until then; the events of the story happen in its first ones. */
  live(passes: number, { until }: { readonly until: number }): void {
    const settings = desired(forPools({ uninstall: this.uninstall }));
    for (let pass = 0; pass < passes && this.at < until; pass++) {
      const due = this.#events.filter(([when, { what }]) => when === this.#pass && what !== "forget");
      for (const [, event] of due) this.arm.apply(event);
      this.#pass++;
      const observed = this.arm.observe(this.at, this.#memory);
      const memory = recordObservation({ ...this.#memory, startedAt: this.at }, observed, settings);
      const plan = planExtension(CLUSTER_ID, settings, observed, memory);
      for (const action of plan.actions) this.#check(action);
      const outcomes = plan.actions.map((action) => this.arm.perform(action, this.at));
      this.#memory = remember(memory, plan, outcomes);
      this.#plan = plan;
      const isLate = Number.isFinite(until) && plan.requeueAt - this.at > MINUTE;
      this.at = isLate ? Math.max(plan.requeueAt, this.at + HOUR) : plan.requeueAt;
    }
  }

  /** Nothing is deleted while a machine that works has an exporter. */
  #check({ kind, pool }: ExtensionAction): void {
    if (kind !== "delete-extension") return;
    const machines = this.arm.pools.find(({ name }) => name === pool)?.machines ?? [];
    const kept = machines.filter((each) => each.condition !== "stopped" && hasExporter(each));
    if (kept.length > 0) throw new Error(`deleted while there are exporters: ${JSON.stringify(kept)}`);
  }

  /** Returns whether the app should have removed the exporter of a machine, and has not. */
  isWrong(machine: Machine): boolean {
    return machine.condition === "healthy" && hasExporter(machine) && this.stateOf(machine) !== "unknown-package";
  }

  canEnd(machine: Machine): boolean {
    return ENDING.has(machine.condition) && this.stateOf(machine) !== "unknown-package";
  }

  stateOf({ vmId }: Machine): string | undefined {
    return this.#plan?.verdicts.find(({ subject }) => subject.kind === "instance" && subject.vmId === vmId)?.state;
  }
}

function hasExporter({ marker, hasFailed }: Machine): boolean {
  return !hasFailed && (marker === MARKER || marker === OLD_MARKER);
}
