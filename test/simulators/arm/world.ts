import { isDeepStrictEqual } from "node:util";

export type PoolSpec = {
  name: string;
  os: "Windows" | "Linux";
  count: number;
  image: string;
  mode?: "System" | "User";
};

export interface ClusterSpec {
  subscription: string;
  resourceGroup: string;
  name: string;
  location: string;
  nodeResourceGroup?: string;
  restrictionLevel?: "Unrestricted" | "ReadOnly";
  pools: readonly PoolSpec[];
}

/** What AKS shows of its clusters and pools. */
type AksState = { state: string; powerState: "Running" | "Stopped" };

export type Pool = Required<PoolSpec> & AksState & { scaleSet: string };

export type Cluster = Required<Omit<ClusterSpec, "pools">> &
  AksState & {
    id: string;
    pools: Pool[];
    nextIp: number;
    /** Where its Kubernetes answers, and the authority that proves it. */
    apiServer?: { url: string; caPem: string };
  };

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
export type ModelExtension = { name: string; properties: ExtensionProperties };

export interface VmProfile {
  osProfile: { computerNamePrefix: string };
  storageProfile: { imageReference: { id: string }; osDisk: { osType: "Windows" | "Linux"; createOption: string } };
  extensionProfile: { extensions: ModelExtension[]; extensionsTimeBudget: string };
}

/** An extension as it is on an instance. */
export interface InstanceExtension {
  name: string;
  type: string;
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

export interface Instance {
  id: string;
  vmId: string;
  computerName: string;
  ip: string;
  power: "starting" | "running" | "deallocating" | "deallocated";
  state: "Creating" | "Updating" | "Deleting" | "Succeeded" | "Failed";
  image: string;
  sku: string;
  /** The content of the model it was brought to. */
  applied: { revision: number; profile: VmProfile; sku: string };
  protection: { protectFromScaleIn: boolean; protectFromScaleSetActions: boolean };
  extensions: InstanceExtension[];
  agentSilent: boolean;
  /** Raised whenever what runs on it is cut off: reimaged, deallocated, deleted. */
  life: number;
}

export interface ScaleSet {
  id: string;
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
  virtualMachineProfile: VmProfile;
  instances: Instance[];
  nextInstanceId: number;
  clusterId: string;
}

/** A long-running operation of Compute. */
export interface Operation {
  id: string;
  scaleSet: string;
  owner: string;
  startTime: number;
  endTime?: number;
  status: "InProgress" | "Succeeded" | "Failed";
  error?: { code: string; message: string };
}

/** Everything there is: plain state, for tests and the sandbox to read. */
export interface ArmWorld {
  clusters: Cluster[];
  scaleSets: ScaleSet[];
  operations: Operation[];
  /** Instances brought to a model whose image or size was not the one they had: their nodes were lost undrained. */
  violations: { at: string; scaleSet: string; instance: string; text: string }[];
  /** Whether the instance counts as having the latest model. */
  latestModelApplied(scaleSet: ScaleSet, instance: Instance): boolean;
}

/** ARM compares names without regard to case. */
export function same(a: string | undefined, b: string | undefined): boolean {
  return a?.toLowerCase() === b?.toLowerCase();
}

/** The version of the image in a set's model. */
export function imageOf(profile: VmProfile): string {
  return profile.storageProfile.imageReference.id.split("/").at(-1) ?? "";
}

/** What an instance that is brought to the set's model now would carry. */
export function contentOf({ revision, virtualMachineProfile, sku }: ScaleSet): Instance["applied"] {
  return { revision, profile: structuredClone(virtualMachineProfile), sku: sku.name };
}

/** Whether the instance carries what the set's model says, secrets included; the order of extensions is nothing. */
export function carriesModel(scaleSet: ScaleSet, instance: Instance): boolean {
  return isDeepStrictEqual(unordered(contentOf(scaleSet)), unordered(instance.applied));
}

function unordered({ profile, sku }: Instance["applied"]): unknown {
  const extensions = profile.extensionProfile.extensions.toSorted((a, b) => a.name.localeCompare(b.name));
  return { ...profile, extensionProfile: extensions, sku };
}
