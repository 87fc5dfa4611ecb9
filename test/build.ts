import type { OperationMemory } from "../shared/extension/call-memory.ts";
import type { ExtensionDesired } from "../shared/extension/desired.ts";
import { type Attempts, EMPTY_INSTANCE, type InstanceMemory } from "../shared/extension/instance-memory.ts";
import {
  EMPTY_MEMORY,
  EMPTY_SCALE_SET,
  type ExtensionMemory,
  type ScaleSetMemory,
} from "../shared/extension/memory.ts";
import type { Cluster, NodePool } from "../shared/model/cluster.ts";
import type { ExtensionTag } from "../shared/model/extension.ts";
import { parseClusterId, parseNodeName, parseScaleSetId, type ScaleSetId } from "../shared/model/ids.ts";
import type { NodeFact, NodeFacts } from "../shared/model/node.ts";
import type { ExtensionObserved } from "../shared/model/observed.ts";
import { isPackageHash, type Package, type PackageHash } from "../shared/model/package.ts";
import { NO_PAUSES } from "../shared/model/pauses.ts";
import type { PoolSelection } from "../shared/model/pools.ts";
import type { Instance, InstanceExtension, ModelExtension, ScaleSet } from "../shared/model/scale-set.ts";
import type { ScrapeSource } from "../shared/model/slice.ts";

interface SelectionTexts {
  readonly pools?: readonly string[];
  readonly sources?: Readonly<Record<string, ScrapeSource>>;
  readonly uninstall?: readonly string[] | "*";
}

/** Builders of plain data. By default nothing is wrong and nothing is left to do; a test overrides what it is about. */
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const NOW = Date.UTC(2026, 10, 22, 12);

export const CLUSTER_ID = parseClusterId(
  "/subscriptions/5b0b/resourceGroups/shop-rg/providers/Microsoft.ContainerService/managedClusters/shop",
);
export const SET_ID = setIdOf("akswin1");

/** Markers of the two packages below, computed by an independent program. */
export const MARKER = "a38a127805e28223";
export const OLD_MARKER = "04bd7dff049adc92";
/** The markers of their removals. */
export const REMOVAL_MARKER = "96076f0caa9dead3";
export const OLD_REMOVAL_MARKER = "70c10dc6d1770905";
export const PACKAGE: Package = { hash: hashOf("a"), arguments: { Port: 9182 } };
export const OLD_PACKAGE: Package = { hash: hashOf("b"), arguments: { Port: 9182 } };
export const OWNER = "0a1b2c3d";
export const OTHER_OWNER = "ffffffff";
const CONTAINER = "https://packages.blob.core.windows.net/dsc";

export function hashOf(digit: string): PackageHash {
  const text = digit.repeat(64);
  if (!isPackageHash(text)) throw new TypeError(`not a hex digit: '${digit}'`);
  return text;
}

export function setIdOf(name: string): ScaleSetId {
  const group = "/subscriptions/5b0b/resourceGroups/mc_shop/providers";
  return parseScaleSetId(`${group}/Microsoft.Compute/virtualMachineScaleSets/${name}`);
}

/** Returns the pool selection that both flows have in their settings; by default all pools are managed. */
export function forPools({ pools, sources = {}, uninstall = [] }: SelectionTexts): {
  readonly selection: PoolSelection;
} {
  const uninstalled = uninstall === "*" ? "all" : new Set(uninstall);
  const given = { pools: pools && new Set(pools), sources: new Map(Object.entries(sources)) };
  return { selection: { ...given, uninstall: uninstalled } };
}

export function desired(overrides: Partial<ExtensionDesired> = {}): ExtensionDesired {
  const settings = { owner: OWNER, packageContainerUrl: CONTAINER, packageIsAnonymous: false, isObserveOnly: false };
  const none = { ...forPools({}), packageAllowed: undefined, restoreBatch: undefined };
  const rollout = { rolloutBatch: 5, canaryPool: undefined, soakMs: 30 * MINUTE };
  return { ...settings, ...none, ...rollout, resyncAfterMs: 15 * MINUTE, ...overrides };
}

export function tag(overrides: Partial<ExtensionTag> = {}): ExtensionTag {
  return { marker: MARKER, owner: OWNER, linkExpiresAt: NOW + 6 * DAY, try: 0, ...overrides };
}

/** Returns the app's extension in a model, in the desired state, for one of the two packages. */
export function ourEntry(overrides: Partial<ModelExtension> = {}, { hash, arguments: args } = PACKAGE): ModelExtension {
  const kind = { publisher: "Microsoft.Powershell", type: "DSC", typeHandlerVersion: "2.83" };
  const flags = { autoUpgradeMinorVersion: true, enableAutomaticUpgrade: false, suppressFailures: true };
  return {
    ...kind,
    ...flags,
    name: "windows-exporter-dsc",
    provisionAfterExtensions: ["vmssCSE"],
    settings: {
      configuration: { url: `${CONTAINER}/${hash}.zip`, script: "WindowsExporter.ps1", function: "WindowsExporter" },
      configurationArguments: { ...args, Package: hash, Marker: hash === OLD_PACKAGE.hash ? OLD_MARKER : MARKER },
      privacy: { dataCollection: "Disable" },
      advancedOptions: { rebootNodeIfNeeded: false },
    },
    tag: tag({ marker: hash === OLD_PACKAGE.hash ? OLD_MARKER : MARKER }),
    ...overrides,
  };
}

/** Returns the app's extension in a model, with the package that removes the exporter. */
export function removalEntry(overrides: Partial<ModelExtension> = {}, { hash, arguments: args } = PACKAGE) {
  const marker = hash === OLD_PACKAGE.hash ? OLD_REMOVAL_MARKER : REMOVAL_MARKER;
  const settings = Object(ourEntry({}, { hash, arguments: args }).settings) as object;
  const configurationArguments = { ...args, Ensure: "Absent", Package: hash, Marker: marker };
  return ourEntry({ settings: { ...settings, configurationArguments }, tag: tag({ marker }), ...overrides });
}

/** Returns AKS's own extension in a model; override name, publisher and type for any other extension. */
export function aksEntry(overrides: Partial<ModelExtension> = {}): ModelExtension {
  const cse = { name: "vmssCSE", publisher: "Microsoft.Compute", type: "CustomScriptExtension" };
  return ourEntry({ ...cse, provisionAfterExtensions: [], settings: {}, tag: undefined, ...overrides });
}

/** Returns the app's extension in an instance view, without a tag, because ARM is not known to return it. */
export function ours(overrides: Partial<InstanceExtension> = {}): InstanceExtension {
  return {
    name: "windows-exporter-dsc",
    state: "succeeded",
    message: "",
    at: NOW - HOUR,
    tag: undefined,
    settings: undefined,
    logs: [],
    ...overrides,
  };
}

export function cse(state: InstanceExtension["state"] = "succeeded"): InstanceExtension {
  return ours({ name: "vmssCSE", state });
}

/** Returns a running instance on which the app's extension has succeeded; its vmId is `vm-<id>`. */
export function instance(id: string, overrides: Partial<Instance> = {}): Instance {
  const names = { id, vmId: `vm-${id}`, node: parseNodeName(`akswin1${id.padStart(6, "0")}`) };
  const state = { provisioningState: "Succeeded", isRunning: true, agentReady: true, latestModelApplied: true };
  const model = { image: "windows:20348.3000", sku: "Standard_D4s_v5", protectedFromScaleSetActions: false };
  return { ...names, ...state, ...model, extensions: [cse(), ours()], ...overrides };
}

export function scaleSet(overrides: Partial<ScaleSet> = {}): ScaleSet {
  const names = { id: SET_ID, name: "akswin1", pool: "win1", isWindows: true, etag: '"1"' };
  const modes = { provisioningState: "Succeeded", upgradeMode: "Manual", orchestrationMode: "Uniform" };
  const machine = { image: "windows:20348.3000", sku: "Standard_D4s_v5", digest: "d1", ownOperation: undefined };
  const extensions = [aksEntry(), ourEntry()];
  return { ...names, ...modes, ...machine, extensions, instances: [instance("0")], ...overrides };
}

export function cluster(overrides: Partial<Cluster> = {}): Cluster {
  const state = { provisioningState: "Succeeded", isStopped: false, nodeResourceGroupLocked: false };
  return { id: CLUSTER_ID, name: "shop", nodeResourceGroup: "mc_shop", ...state, ...overrides };
}

export function pool(overrides: Partial<NodePool> = {}): NodePool {
  return {
    name: "win1",
    isWindows: true,
    version: "1.35.4",
    provisioningState: "Succeeded",
    isStopped: false,
    ...overrides,
  };
}

export function observed(overrides: Partial<ExtensionObserved> = {}): ExtensionObserved {
  const checks = { [PACKAGE.hash]: { usable: true }, [OLD_PACKAGE.hash]: { usable: true } } as const;
  const packages = { current: { package: PACKAGE }, checks };
  return {
    at: NOW,
    cluster: cluster(),
    pools: [pool()],
    scaleSets: [scaleSet()],
    unreadable: [],
    packages,
    nodes: undefined,
    pauses: NO_PAUSES,
    ...overrides,
  };
}

/** Returns facts of nodes that have long been Ready, but for what is given of each. */
export function nodeFacts(nodes: Readonly<Record<string, Partial<NodeFact>>>, seenAt = NOW): NodeFacts {
  const ready = { uid: "uid", bootId: "7", createdAt: NOW - DAY, ready: "True", readySince: NOW - DAY } as const;
  return { seenAt, nodes: new Map(Object.entries(nodes).map(([name, over]) => [name, { ...ready, ...over }])) };
}

export function operation(overrides: Partial<OperationMemory> = {}): OperationMemory {
  const put = { kind: "put-extension", marker: MARKER, instances: [], poller: "", state: "running" } as const;
  return { ...put, submittedAt: NOW - 5 * MINUTE, endedAt: undefined, ...overrides };
}

export function attempts(overrides: Partial<Attempts> = {}): Attempts {
  const made = {
    try: 0,
    isTryKnown: true,
    succeeded: false,
    failedAt: undefined,
    failingSince: undefined,
    isEarly: false,
  };
  return { marker: MARKER, count: 1, lastAt: NOW - 5 * MINUTE, ...made, ...overrides };
}

export function known(id: string, overrides: Partial<InstanceMemory> = {}): Record<string, InstanceMemory> {
  const seen = { marker: MARKER, markerAt: NOW - HOUR, hadExtension: true, succeededAt: NOW - HOUR, isRunning: true };
  const { node, vmId } = instance(id);
  return { [vmId]: { ...EMPTY_INSTANCE, node, ...seen, ...overrides } };
}

/** Returns the memory of the one scale set; by default its instance 0 has the desired marker. */
export function setMemory(overrides: Partial<ScaleSetMemory> = {}): ScaleSetMemory {
  return { ...EMPTY_SCALE_SET, linkIssuedAt: NOW - DAY, instances: known("0"), ...overrides };
}

export function memory(set: Partial<ScaleSetMemory> = {}, overrides: Partial<ExtensionMemory> = {}): ExtensionMemory {
  return { ...EMPTY_MEMORY, proven: [OLD_PACKAGE, PACKAGE], scaleSets: { [SET_ID]: setMemory(set) }, ...overrides };
}
