import type { Clock } from "../../clock.ts";
import { newActorState } from "./actors/state.ts";
import type { Principal } from "./authenticate.ts";
import { DURATIONS } from "./durations.ts";
import type { ArmEvent } from "./events.ts";
import type { ExtensionHandler } from "./extensions.ts";
import type { Fault } from "./fault.ts";
import { Flow } from "./flow.ts";
import type { JournalEntry } from "./journal.ts";
import type { FailExtension } from "./scripted-failures.ts";
import { DEFAULT_UNKNOWNS, type Unknowns } from "./unknowns.ts";
import { type ArmWorld, carriesModel } from "./world.ts";

export interface ArmOptions {
  clock: Clock;
  seed?: number;
  principals: readonly Principal[];
  unknowns?: Partial<Unknowns>;
  durations?: Partial<typeof DURATIONS>;
  pageSize?: number;
  /** Handlers by "publisher.type" in lower case; every other handler succeeds. */
  handlers?: Readonly<Record<string, ExtensionHandler>>;
  onEvent?: (event: ArmEvent) => void;
  origin?: string;
  /** The length to which substatuses are cut. By default, that of the guest agent for Linux (10 KiB). */
  substatusLength?: number;
  /** How many writes per minute each scale set accepts: a high limit by default, no limit if false. */
  throttle?: boolean | number;
}

/** The state that all parts of the simulator share. */
export type Engine = ReturnType<typeof makeEngine>;

/** Creates an empty world, with the state that the simulator's parts share. */
export function makeEngine({ clock, seed = 1, throttle = true, ...options }: ArmOptions) {
  const unknowns: Unknowns = { ...DEFAULT_UNKNOWNS, ...options.unknowns };
  const world: ArmWorld = {
    clusters: [],
    scaleSets: [],
    operations: [],
    marketplace: {},
    violations: [],
    latestModelApplied: (set, instance) =>
      unknowns.latestModelApplied === "by-content"
        ? carriesModel(set, instance)
        : instance.applied.revision === set.revision,
  };
  const origin = "https://management.azure.com";
  const defaults = { handlers: {}, pageSize: 100, substatusLength: 10_240, origin, onEvent: () => undefined };
  return {
    ...({ ...defaults, ...options } as Required<Omit<ArmOptions, "clock" | "seed" | "throttle">>),
    world,
    unknowns,
    flow: new Flow(clock, seed),
    durations: { ...DURATIONS, ...options.durations },
    writesPerMinute: typeof throttle === "number" ? throttle : throttle ? 60 : Infinity,
    writes: new Map<string, number[]>(),
    journal: new Array<JournalEntry>(),
    listeners: new Array<(entry: JournalEntry) => void>(),
    scripted: new Array<FailExtension>(),
    faults: new Array<Fault>(),
    actors: newActorState(),
  };
}
