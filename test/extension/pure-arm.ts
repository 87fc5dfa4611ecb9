import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import type { ExtensionMemory } from "../../shared/extension/memory.ts";
import type { ExtensionAction, Outcome } from "../../shared/model/action.ts";
import type { Fault } from "../../shared/model/failure.ts";
import type { ExtensionObserved } from "../../shared/model/observed.ts";
import type { Package } from "../../shared/model/package.ts";
import type { ModelExtension, ScaleSet } from "../../shared/model/scale-set.ts";
import type { EpochMs } from "../../shared/model/time.ts";
import * as build from "../build.ts";
import { mostly } from "./arbitrary-memories.ts";
import { type Condition, CONDITIONS, type Machine, toInstance } from "./pure-machine.ts";

const { MARKER, MINUTE, OLD_MARKER, OLD_PACKAGE, PACKAGE } = build;

interface Running {
  readonly action: ExtensionAction;
  readonly endsAt: EpochMs;
  readonly fails: boolean;
}

export interface Pool {
  readonly name: string;
  entry: ModelExtension | undefined;
  version: number;
  machines: Machine[];
  running: Running | undefined;
  hasSucceeded: boolean;
  /** The faults of the next writes, and how many of the next operations fail. */
  refusals: Fault[];
  failures: number;
}

/** What AKS, an operator or a publisher does before a pass. */
const EVENTS = ["work", "drop", "reimage", "scale-out", "heal", "publish", "forget", "resync"] as const;
type Event = { readonly what: (typeof EVENTS)[number]; readonly pool: number; readonly machine: number };

export interface PureArm {
  readonly pools: readonly Pool[];
  observe(at: EpochMs, memory: ExtensionMemory): ExtensionObserved;
  perform(action: ExtensionAction, at: EpochMs): Outcome<ExtensionAction>;
  apply(event: Event): void;
  desiredMarker(): string;
}

const machines = fc.record({
  condition: mostly<Condition>("healthy", ...CONDITIONS),
  marker: fc.constantFrom(undefined, MARKER, OLD_MARKER),
  hasFailed: mostly(false, true),
});

/** The initial state of a story, and its events with the number of their pass, from 0 to 20. */
export const stories = fc.record({
  showsTags: fc.boolean(),
  pools: fc.array(
    fc.record({
      entry: fc.constantFrom(
        undefined,
        build.ourEntry(),
        build.ourEntry({}, OLD_PACKAGE),
        build.ourEntry({ settings: {} }),
      ),
      machines: fc.array(machines, { maxLength: 14 }),
      refusals: fc.array(fc.constantFrom<Fault>("denied", "throttled", "transient", "conflict", "bug"), {
        maxLength: 3,
      }),
      failures: fc.nat(2),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  events: fc.array(
    fc.tuple(fc.nat(20), fc.record({ what: fc.constantFrom(...EVENTS), pool: fc.nat(1), machine: fc.nat(13) })),
    { maxLength: 8 },
  ),
});

export type Story = typeof stories extends fc.Arbitrary<infer T> ? T : never;

const NEW_MACHINE = {
  condition: "healthy",
  marker: undefined,
  hasFailed: false,
  ranFor: undefined,
  latestModelApplied: true,
} as const;

/** A pure simulator of ARM and AKS for the extension flow. A write is accepted at once and ends three minutes later. */
export function createPureArm({ showsTags, pools: initial }: Pick<Story, "showsTags" | "pools">): PureArm {
  let current: Package = PACKAGE;
  let busyPasses = 0;
  const pools = initial.map(({ entry, machines: parts, ...rest }, i): Pool => {
    const created = parts.map((each, n) => ({
      id: String(n),
      vmId: `vm-${i}-${n}`,
      latestModelApplied: false,
      ranFor: undefined,
      ...each,
    }));
    return { name: `win${i}`, entry, version: 1, machines: created, running: undefined, hasSucceeded: false, ...rest };
  });
  return {
    pools,
    desiredMarker: () => (current === PACKAGE ? MARKER : OLD_MARKER),
    observe: (at, memory) => {
      for (const pool of pools) settle(pool, at);
      busyPasses--;
      const { packages, nodes, pauses } = build.observed();
      return {
        at,
        cluster: build.cluster({ provisioningState: busyPasses >= 0 ? "Upgrading" : "Succeeded" }),
        pools: pools.map(({ name }) => build.pool({ name })),
        scaleSets: pools.map((pool) => toScaleSet(pool, showsTags, memory)),
        unreadable: [],
        packages: { ...packages, current: { package: current } },
        nodes,
        pauses,
      };
    },
    perform: (action, at) => {
      const pool = pools.find(({ name }) => name === action.pool);
      if (!pool || pool.running || busyPasses >= 0) throw new Error(`an unexpected write: ${action.kind}`);
      const fault = pool.refusals.shift();
      if (fault) return { action, at, status: "failed", error: { fault, message: fault } };
      pool.running = { action, endsAt: at + 3 * MINUTE, fails: pool.failures-- > 0 };
      if (action.kind === "put-extension" && !pool.running.fails) write(pool, action, at);
      if (action.kind === "delete-extension" && !pool.running.fails) rewrite(pool, undefined);
      return { action, at, status: "submitted", operation: "poller" };
    },
    apply: ({ what, pool: n, machine: m }) => {
      const pool = pools[n % pools.length];
      if (what === "publish") current = current === PACKAGE ? OLD_PACKAGE : PACKAGE;
      if (what === "work" || what === "drop") busyPasses = 3;
      if (pool) applyTo(pool, what, m);
    },
  };
}

function applyTo(pool: Pool, what: Event["what"], index: number): void {
  const machine = pool.machines[index % pool.machines.length];
  if (what === "drop") rewrite(pool, undefined);
  if (what === "scale-out") {
    const id = String(pool.machines.length);
    const created: Machine = { ...NEW_MACHINE, id, vmId: `vm-${pool.name}-${id}` };
    provision(pool, created);
    pool.machines.push(created);
  }
  if (what === "heal" && machine) machine.condition = "healthy";
  if (what === "reimage" && machine?.condition === "healthy") provision(pool, machine);
}

/** Creates or reimages a machine: it gets the extension of the model. */
function provision(pool: Pool, machine: Machine): void {
  machine.ranFor = undefined;
  upgrade(pool, machine);
}

function upgrade(pool: Pool, machine: Machine): void {
  machine.latestModelApplied = true;
  const tag = pool.entry?.tag;
  if (tag !== undefined && isDeepStrictEqual(machine.ranFor, tag)) return;
  machine.ranFor = tag;
  machine.marker = pool.entry?.tag?.marker;
  machine.hasFailed = machine.condition === "package-fails";
}

function write(pool: Pool, { extension }: Extract<ExtensionAction, { kind: "put-extension" }>, at: EpochMs): void {
  const { settings, provisionAfterExtensions, marker, try: attempt } = extension;
  // The link is that of the day, so that the try alone decides whether a handler runs again.
  const tag = build.tag({
    marker,
    linkExpiresAt: Math.floor(at / build.DAY) * build.DAY + 7 * build.DAY,
    try: attempt,
  });
  rewrite(pool, build.ourEntry({ settings, provisionAfterExtensions, tag }));
}

/** Writes the model; after that no instance has the latest model. */
function rewrite(pool: Pool, entry: ModelExtension | undefined): void {
  pool.entry = entry;
  pool.version++;
  for (const machine of pool.machines) machine.latestModelApplied = false;
}

function settle(pool: Pool, at: EpochMs): void {
  const { running } = pool;
  if (!running || at < running.endsAt) return;
  pool.running = undefined;
  pool.hasSucceeded = !running.fails;
  if (running.fails) return;
  for (const machine of upgradedMachines(pool, running)) upgrade(pool, machine);
}

function upgradedMachines(pool: Pool, running: Running | undefined): readonly Machine[] {
  if (running?.action.kind !== "upgrade-instances") return [];
  const vmIds = new Set(running.action.instances.map((each) => each.vmId));
  return pool.machines.filter((each) => vmIds.has(each.vmId));
}

function toScaleSet(pool: Pool, showsTags: boolean, memory: ExtensionMemory): ScaleSet {
  const id = build.setIdOf(`aks${pool.name}`);
  const upgraded = upgradedMachines(pool, pool.running);
  const state = pool.running ? "running" : pool.hasSucceeded ? "succeeded" : "failed";
  return build.scaleSet({
    id,
    name: `aks${pool.name}`,
    pool: pool.name,
    etag: String(pool.version),
    provisioningState: pool.running ? "Updating" : "Succeeded",
    extensions: pool.entry ? [build.aksEntry(), pool.entry] : [build.aksEntry()],
    instances: pool.machines.map((each) => toInstance(each, showsTags, upgraded.includes(each))),
    ownOperation: memory.scaleSets[id]?.operation?.state === "running" ? { state } : undefined,
  });
}
