import type { InstanceVerdict } from "../../shared/extension/instance-context.ts";
import type { InstanceMemory } from "../../shared/extension/instance-memory.ts";
import { classifyInstance } from "../../shared/extension/instances.ts";
import type { ScaleSetMemory } from "../../shared/extension/memory.ts";
import type { NodeFact } from "../../shared/model/node.ts";
import type { Instance, InstanceExtension, ScaleSetModel } from "../../shared/model/scale-set.ts";
import { cse, instance, known, MARKER, nodeFacts, NOW, scaleSet, setMemory } from "../build.ts";

/** An instance, what memory knows of it, and its verdict. By default its extension succeeded with the desired marker. */
export interface Case {
  readonly when: string;
  readonly as?: Partial<Instance>;
  readonly known?: Partial<InstanceMemory>;
  readonly set?: Partial<ScaleSetMemory>;
  readonly model?: Partial<ScaleSetModel>;
  /** `null`: no package is desired. */
  readonly marker?: null;
  readonly showsEvidence?: true;
  /** The desired marker is that of a removal. */
  readonly isRemoving?: true;
  /** The facts of its Node, over those of one that has long been Ready. */
  readonly node?: Partial<NodeFact>;
  readonly verdict: string;
}

export function classify(c: Omit<Case, "when" | "verdict">): ReturnType<typeof classifyInstance> {
  const memory = setMemory({ instances: known("0", c.known), ...c.set });
  const marker = c.marker === null ? undefined : MARKER;
  const { showsEvidence = false } = c;
  const nodes = c.node && nodeFacts({ [instance("0").node]: c.node });
  return classifyInstance(instance("0", c.as), {
    marker,
    model: scaleSet(c.model),
    memory,
    isRemoving: c.isRemoving ?? false,
    showsEvidence,
    nodes,
    now: NOW,
  });
}

/** An instance with these extensions and a succeeded vmssCSE. */
export function withExtensions(...extensions: readonly InstanceExtension[]): Partial<Instance> {
  return { extensions: [cse(), ...extensions] };
}

/** Returns the module's evidence in the handler's log. */
export function proof(marker = MARKER, metrics: "ok" | "absent" = "ok"): string {
  return `[[Script]Health] aks-windows-metrics package=${"a".repeat(64)} marker=${marker} metrics=${metrics}\r\n`;
}

/** Returns state and reason of a verdict. */
export function format({ state, reason }: InstanceVerdict): string {
  return reason ? `${state} ${reason}` : state;
}
