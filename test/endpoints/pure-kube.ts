import type { EndpointsDesired } from "../../shared/endpoints/desired.ts";
import type { EndpointsAction } from "../../shared/model/action.ts";
import type { ExporterStatus, ExporterStatuses } from "../../shared/model/node.ts";
import type { EndpointsObserved } from "../../shared/model/observed.ts";
import type { PoolSelection } from "../../shared/model/pools.ts";
import {
  type AddressFamily,
  type Endpoints,
  type EndpointSlice,
  MANAGED_BY,
  type ScrapeSource,
  type Service,
} from "../../shared/model/slice.ts";
import type { EpochMs } from "../../shared/model/time.ts";
import {
  addressOf,
  desiredEndpoints,
  exporterStatus,
  exporterStatuses,
  node,
  nodeName,
  service,
} from "../build-nodes.ts";
import { OTHER_OWNER } from "../build.ts";
import type { Event, Kind } from "./histories.ts";
import { machineChanges } from "./machine-changes.ts";

/** A Windows machine: the fields of its Node object, and what the extension flow knows about it. */
export interface Machine {
  readonly name: ReturnType<typeof nodeName>;
  readonly pool: string;
  readonly isLabelled: boolean;
  uid: string;
  createdAt: EpochMs;
  readonly addresses: readonly string[];
  ready: "True" | "False" | "Unknown";
  readySince: EpochMs;
  isDeleting: boolean;
  provenAt: EpochMs | undefined;
  isRunning: boolean;
  isListed: boolean;
  /** The Node object has an invalid field. */
  isUnreadable: boolean;
}

type Lists = "fresh" | "stalled" | "lost";

/**
 * An in-memory model of the API server's objects and the machines behind them. It performs planned actions and rejects
 * a write with an outdated resourceVersion.
 */
export class PureKube {
  machines: Machine[] = [];
  slices = new Map<string, EndpointSlice>();
  endpoints: Endpoints | undefined;
  service: Service | undefined;
  desired: EndpointsDesired = desiredEndpoints();
  lists: Lists = "fresh";
  isHidden = false;
  #listedAt = 0;
  #created = 0;

  constructor(family: AddressFamily, size: number, at: EpochMs) {
    this.service = service({ primaryFamily: family });
    this.add(size, at);
  }

  /** Returns the machines that a list of the nodes contains. */
  visible(): readonly Machine[] {
    return this.isHidden ? this.machines.filter((_, index) => index % 3 === 0) : this.machines;
  }

  exporters(at: EpochMs): ExporterStatuses | undefined {
    if (this.lists === "lost") return undefined;
    if (this.lists === "fresh") this.#listedAt = at - 1;
    const listed = this.machines.filter(({ isListed }) => isListed);
    const known = listed.map(({ name, provenAt, isRunning }): ExporterStatus => {
      return exporterStatus(0, { node: name, succeededAt: provenAt, isRunning });
    });
    return exporterStatuses(known, this.#listedAt);
  }

  observe(at: EpochMs): EndpointsObserved {
    const [unreadable, readable] = [true, false].map((is) => this.visible().filter((each) => each.isUnreadable === is));
    const nodes = (readable ?? []).map(({ name, uid, pool, isLabelled, addresses, ...state }) => {
      const { createdAt, ready, readySince, isDeleting } = state;
      const shown = { name, uid, createdAt, ready, readySince, isDeleting, internalIps: addresses };
      return node(0, { ...shown, pool: isLabelled ? pool : undefined });
    });
    const { service: found, endpoints } = this;
    const slices = [...this.slices.values()];
    return {
      at,
      service: found,
      nodes,
      unreadable: problemsOf(unreadable),
      endpoints,
      slices,
      exporters: this.exporters(at),
    };
  }

  perform(action: EndpointsAction): void {
    const resourceVersion = `v${++this.#created}`;
    switch (action.kind) {
      case "apply-endpoint-slice": {
        expectVersion(this.slices.get(action.slice.name), action.slice.resourceVersion);
        const after = { resourceVersion, hasFormerManager: false };
        this.slices.set(action.slice.name, { ...action.slice, ...after, managedBy: MANAGED_BY });
        return;
      }
      case "delete-endpoint-slice":
        expectVersion(this.slices.get(action.name), action.resourceVersion);
        this.slices.delete(action.name);
        return;
      case "apply-endpoints": {
        expectVersion(this.endpoints, action.endpoints.resourceVersion);
        const endpoints = action.endpoints.endpoints.map((each) => ({ ...each, zone: undefined }));
        const { owner } = action.endpoints;
        const state = { isManaged: true, hasFormerManager: false, skipsMirroring: true };
        this.endpoints = { endpoints, owner, resourceVersion, ...state };
        return;
      }
      case "delete-endpoints":
        expectVersion(this.endpoints, action.resourceVersion);
        this.endpoints = undefined;
        return;
      default:
        action satisfies never;
    }
  }

  add(count: number, at: EpochMs, addresses?: readonly string[]): void {
    for (let i = 0; i < count; i++) {
      const id = ++this.#created;
      const pool = `win${(id % 2) + 1}`;
      const own = id % 3 === 0 ? [addressOf(id)] : [addressOf(id), `fd00::${id.toString(16)}`];
      const state = {
        ready: "True",
        readySince: at,
        isDeleting: false,
        isRunning: true,
        isListed: true,
        isUnreadable: false,
      } as const;
      const names = { name: nodeName(id, pool), pool, isLabelled: id % 5 !== 0, uid: `uid-${id}`, createdAt: at };
      this.machines.push({ ...names, ...state, addresses: addresses ?? own, provenAt: undefined });
    }
  }

  change({ kind, count, from }: Event, at: EpochMs): void {
    const start = from % Math.max(this.machines.length, 1);
    const changeMachine = machineChanges[kind];
    if (changeMachine) for (const machine of this.machines.slice(start, start + count)) changeMachine(machine, at);
    fleetChanges[kind]?.(this, { start, count, at });
    settingChanges[kind]?.(this, from);
  }
}

interface Span {
  readonly start: number;
  readonly count: number;
  readonly at: EpochMs;
}

/**
 * Changes that add and remove machines: with `inherit`, new machines get the addresses of removed ones; with `twin`,
 * those of remaining ones.
 */
const fleetChanges: Partial<Record<Kind, (kube: PureKube, span: Span) => void>> = {
  add: (kube, { count, at }) => kube.add(count % 200, at),
  bare: (kube, { at }) => kube.add(1, at, []),
  hide: (kube) => (kube.isHidden = true),
  remove: (kube, { start, count }) => kube.machines.splice(start, count),
  inherit: (kube, { start, count, at }) => {
    const removed = kube.machines.splice(start, count);
    kube.add(2, at);
    for (const { addresses } of removed) kube.add(1, at, addresses);
  },
  twin: (kube, { start, at }) => {
    for (const { addresses } of kube.machines.slice(start, start + 3)) kube.add(1, at, addresses);
  },
};

const SOURCES: readonly ScrapeSource[] = ["managed", "native", "external", "off"];
const LISTS: readonly Lists[] = ["fresh", "stalled", "lost", "fresh"];

function select(kube: PureKube, over: Partial<PoolSelection>): void {
  kube.desired = { ...kube.desired, selection: { ...kube.desired.selection, ...over } };
}

/** Changes by an operator or by another program. */
const settingChanges: Partial<Record<Kind, (kube: PureKube, choice: number) => void>> = {
  lists: (kube, choice) => (kube.lists = LISTS[choice % 4] ?? "fresh"),
  pools: (kube, choice) => select(kube, { pools: choice % 2 ? undefined : new Set(["win1"]) }),
  source: (kube, choice) => select(kube, { sources: new Map([["win2", SOURCES[choice % 4] ?? "managed"]]) }),
  objects: (kube, choice) => (kube.desired = { ...kube.desired, objects: choice % 2 ? "both" : "slices" }),
  service: (kube, choice) => {
    const { primaryFamily, uid } = kube.service ?? service();
    const usual = service({ primaryFamily, uid });
    const others = [undefined, { ...usual, hasSelector: true }, { ...usual, isPaused: true }];
    if (kube.service && choice % 4 < 3) kube.service = others[choice % 4];
    else kube.service = { ...usual, uid: `${uid}+` };
    if (kube.service && kube.service.uid === uid) return;
    kube.slices.clear();
    kube.endpoints = undefined;
  },
  edit: (kube, choice) => {
    const [first] = kube.slices.values();
    if (choice % 3 === 0 && kube.endpoints) kube.endpoints = { ...kube.endpoints, skipsMirroring: false };
    if (choice % 3 === 1 && first) kube.slices.set(first.name, { ...first, endpoints: first.endpoints?.slice(2) });
    if (choice % 3 === 2 && first) kube.slices.set("x", { ...first, name: "x", owner: OTHER_OWNER, endpoints: [] });
  },
};

function problemsOf(machines: readonly Machine[] = []): EndpointsObserved["unreadable"] {
  return machines.map(({ name }) => ({ name, problem: "metadata.uid: missing, expected a text" }));
}

function expectVersion(live: { readonly resourceVersion: string } | undefined, expected: string | undefined): void {
  if (live?.resourceVersion !== expected) {
    throw new Error(`the write expects resourceVersion ${expected}, the live object has ${live?.resourceVersion}`);
  }
}
