import { isDeepStrictEqual } from "node:util";

export interface ExtensionProperties {
  publisher?: string;
  type?: string;
  typeHandlerVersion?: string;
  autoUpgradeMinorVersion?: boolean;
  enableAutomaticUpgrade?: boolean;
  forceUpdateTag?: string;
  settings?: unknown;
  protectedSettings?: unknown;
  provisionAfterExtensions?: string[];
  suppressFailures?: boolean;
}

/** An extension of a scale set's model, secrets included. */
export interface ModelExtension {
  name: string;
  properties: ExtensionProperties;
}

export interface VmProfile {
  osProfile: { computerNamePrefix: string } & Readonly<Record<string, unknown>>;
  storageProfile: { imageReference: { id: string }; osDisk: { osType: "Windows" | "Linux" } & Record<string, unknown> };
  networkProfile: Readonly<Record<string, unknown>>;
  extensionProfile: { extensions: ModelExtension[]; extensionsTimeBudget: string };
}

/** An extension as it is on an instance. */
export interface InstanceExtension {
  name: string;
  type: string;
  typeHandlerVersion: string;
  state: "transitioning" | "succeeded" | "failed";
  code: number;
  message: string;
  time: string;
  /** The forceUpdateTag it last ran with. */
  tag?: string;
  /** What the handler reported as installed. */
  installed?: string;
  substatuses: string[];
  /** What it last ran with. */
  ran: ExtensionProperties;
}

/** The content of a model, as an instance gets it. */
export interface Applied {
  revision: number;
  profile: VmProfile;
  sku: string;
}

export interface Instance {
  id: string;
  vmId: string;
  computerName: string;
  ip: string;
  power: "starting" | "running" | "deallocating" | "deallocated";
  state: "Creating" | "Updating" | "Deleting" | "Succeeded" | "Failed";
  image: string;
  sku: string;
  applied: Applied;
  protection: { protectFromScaleIn: boolean; protectFromScaleSetActions: boolean };
  extensions: InstanceExtension[];
  agentSilent: boolean;
  timeCreated: string;
  /** Raised whenever what runs on it is cut off: reimaged, deallocated, deleted. */
  life: number;
}

export interface ScaleSet {
  id: string;
  uniqueId: string;
  subscription: string;
  resourceGroup: string;
  name: string;
  location: string;
  state: "Updating" | "Succeeded" | "Failed";
  etag: number;
  /** Raised by every model write that changes something. */
  revision: number;
  tags: Record<string, string>;
  sku: { name: string; tier: string; capacity: number };
  upgradePolicy: { mode: "Manual" | "Automatic" | "Rolling" };
  orchestrationMode: "Uniform";
  virtualMachineProfile: VmProfile;
  instances: Instance[];
  nextInstanceId: number;
  clusterId: string;
}

export interface Pool {
  name: string;
  os: "Windows" | "Linux";
  mode: "System" | "User";
  state: string;
  powerState: "Running" | "Stopped";
  count: number;
  scaleSet: string;
  image: string;
  etag: string;
}

export interface Cluster {
  id: string;
  subscription: string;
  resourceGroup: string;
  name: string;
  location: string;
  state: string;
  powerState: "Running" | "Stopped";
  nodeResourceGroup: string;
  restrictionLevel: "Unrestricted" | "ReadOnly";
  pools: Pool[];
  etag: string;
  nextIp: number;
}

/** A long-running operation of Compute. */
export interface Operation {
  id: string;
  scaleSet: string;
  owner: string;
  startTime: number;
  endTime?: number;
  status: "InProgress" | "Succeeded" | "Failed";
  error?: { code: string; message: string; target?: string };
  polls: number;
}

/** An instance was brought to a model whose image or size was not the one it had: its node was lost undrained. */
export interface Violation {
  at: string;
  scaleSet: string;
  instance: string;
  text: string;
}

/** Everything there is: plain state, for tests and the sandbox to read. */
export interface ArmWorld {
  clusters: Cluster[];
  scaleSets: ScaleSet[];
  operations: Operation[];
  violations: Violation[];
  /** Whether the instance counts as having the latest model. */
  latestModelApplied(scaleSet: ScaleSet, instance: Instance): boolean;
}

/** ARM compares names without regard to case. */
export function same(a: string | undefined, b: string | undefined): boolean {
  return a?.toLowerCase() === b?.toLowerCase();
}

/** Whether the text names the set: its name or, where that is not enough, its id. */
export function isNamed(scaleSet: ScaleSet, text: string): boolean {
  return same(scaleSet.name, text) || same(scaleSet.id, text);
}

/** The version of the image in a set's model. */
export function imageOf(profile: VmProfile): string {
  return profile.storageProfile.imageReference.id.split("/").at(-1) ?? "";
}

/** What an instance that is brought to the set's model now would carry. */
export function contentOf(scaleSet: ScaleSet): Applied {
  return {
    revision: scaleSet.revision,
    profile: structuredClone(scaleSet.virtualMachineProfile),
    sku: scaleSet.sku.name,
  };
}

/** Whether the instance carries what the set's model says, secrets included; the order of extensions is nothing. */
export function carriesModel(scaleSet: ScaleSet, instance: Instance): boolean {
  return isDeepStrictEqual(unordered(contentOf(scaleSet)), unordered(instance.applied));
}

function unordered({ profile, sku }: Applied): unknown {
  const extensions = profile.extensionProfile.extensions.toSorted((a, b) => a.name.localeCompare(b.name));
  return { ...profile, extensionProfile: extensions, sku };
}
