import type { Durations } from "./durations.ts";
import type { ArmEvent } from "./events.ts";
import type { ExtensionHandler } from "./extensions.ts";
import type { Flow } from "./flow.ts";
import type { Journal } from "./journal.ts";
import type { Operations } from "./operations.ts";
import type { FailExtension } from "./scripted-failures.ts";
import type { Unknowns } from "./unknowns.ts";
import type { ArmWorld, Instance, ScaleSet } from "./world.ts";

/** Who calls: a principal with the claims of its token, or AKS itself. */
export interface Caller {
  readonly oid: string;
  readonly name: string;
  readonly claims: Readonly<Record<string, string>>;
}

/** What all parts of the simulator share. */
export interface Engine {
  readonly flow: Flow;
  readonly world: ArmWorld;
  readonly journal: Journal;
  readonly operations: Operations;
  readonly unknowns: Unknowns;
  readonly durations: Readonly<Durations>;
  readonly handlers: Readonly<Record<string, ExtensionHandler>>;
  readonly scripted: FailExtension[];
  readonly pageSize: number;
  readonly emit: (event: ArmEvent) => void;
  readonly origin: () => string;
}

/** An instance and the set it belongs to. */
export interface Site {
  readonly scaleSet: ScaleSet;
  readonly instance: Instance;
}
