import type { ExtensionDesired } from "../../shared/extension/desired.ts";
import type { InstanceVerdict } from "../../shared/extension/instance-context.ts";
import type { Attempts } from "../../shared/extension/instance-memory.ts";
import type { ScaleSetMemory } from "../../shared/extension/memory.ts";
import { planRollout, type Rollout } from "../../shared/extension/rollout.ts";
import type { InstanceState } from "../../shared/model/verdict.ts";
import { attempts, desired, instance, known, MARKER, MINUTE, NOW, setMemory } from "../build.ts";

/** Returns one instance for each state, numbered from 0. `failed` has the cause package. */
export function pool(...states: readonly (InstanceState | "failed-download" | "stuck")[]): readonly InstanceVerdict[] {
  return states.map((state, i) => {
    const one = instance(String(i));
    if (state === "stuck") return { instance: one, state: "failed", reason: "stuck" };
    if (state === "failed-download") return { instance: one, state: "failed", reason: "cause-download" };
    return state === "failed" ? { instance: one, state, reason: "cause-package" } : { instance: one, state };
  });
}

export function repeat(count: number, state: InstanceState): readonly InstanceState[] {
  return Array.from({ length: count }, () => state);
}

/** By default the marker is proven, and an upgrade has left a node of the pool unharmed. */
export type Situation = Partial<ScaleSetMemory> & {
  readonly isNew?: boolean;
  readonly settings?: Partial<ExtensionDesired>;
};

export function plan(
  verdicts: readonly InstanceVerdict[],
  { isNew = false, settings = {}, ...memory }: Situation = {},
): Rollout {
  const failures = verdicts.filter(({ state }) => state === "failed").map(({ instance: { id } }) => attempted(id));
  const instances = Object.assign({}, ...failures, memory.instances);
  const set = setMemory({ unharmedAt: NOW - MINUTE, ...memory, instances });
  return planRollout(verdicts, { marker: MARKER, isNew, memory: set, desired: desired(settings), now: NOW });
}

export function batchOf(rollout: Rollout): readonly string[] {
  return rollout.batch.map((each) => each.instance.id);
}

/** Returns the memory of instances that have never had a proven exporter. */
export function blind(...ids: readonly string[]): ScaleSetMemory["instances"] {
  const one = { marker: undefined, succeededAt: undefined, unprovenSince: NOW - MINUTE };
  return Object.assign({}, ...ids.map((id) => known(id, one)));
}

export function attempted(id: string, over: Partial<Attempts> = {}): ScaleSetMemory["instances"] {
  return known(id, { attempts: attempts({ lastAt: NOW - MINUTE, ...over }) });
}
