import { isDeepStrictEqual } from "node:util";
import type { ErrorBody, Failure } from "./http.ts";
import type { ImageForm, ImageReference } from "./images.ts";

export type PoolSpec = {
  name: string;
  os: "Windows" | "Linux";
  count: number;
  /** The image version. */
  image: string;
  /** `gallery` by default. */
  imageForm?: ImageForm;
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

/** The state of a cluster or a pool in AKS's responses. */
type AksState = { state: string; powerState: "Running" | "Stopped" };

export type Pool = Required<PoolSpec> &
  AksState & {
    scaleSet: string;
    /** What AKS changed in the settings of vmssCSE since the pool was created. */
    bootstrap?: Pick<ExtensionProperties, "settings" | "protectedSettings">;
  };

export type Cluster = Required<Omit<ClusterSpec, "pools">> &
  AksState & {
    id: string;
    pools: Pool[];
    nextIp: number;
    /** The URL of its Kubernetes API server, and the certificate authority. */
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

/** An extension of a scale set's model, with its secrets. */
export type ModelExtension = { name: string; properties: ExtensionProperties };

export interface VmProfile {
  osProfile: { computerNamePrefix: string };
  storageProfile: { imageReference?: ImageReference; osDisk: { osType: "Windows" | "Linux"; createOption: string } };
  extensionProfile: { extensions: ModelExtension[]; extensionsTimeBudget: string };
}

/** The status of an extension's run. */
export interface InstanceStatus {
  state: "transitioning" | "succeeded" | "failed";
  code: number;
  message: string;
  time: string;
}

/** The state of an extension on an instance. */
export interface InstanceExtension extends InstanceStatus {
  name: string;
  type: string;
  /** The status of the last run before this one that ended. */
  last?: InstanceStatus;
  /** The forceUpdateTag of its last run. */
  tag?: string;
  /** What the handler reports as installed. */
  installed?: string;
  substatuses: string[];
  /** The properties of its last run. */
  ran: ExtensionProperties;
}

export interface Instance {
  id: string;
  vmId: string;
  computerName: string;
  ip: string;
  power: "starting" | "running" | "deallocating" | "deallocated";
  state: "Creating" | "Updating" | "Deleting" | "Succeeded" | "Failed";
  /** Why it is in state Failed. */
  failure?: Failure;
  /** The image version of its disk. */
  image: string;
  sku: string;
  /** The content of the model that was last applied to it. */
  applied: { revision: number; profile: VmProfile; sku: string };
  protection: { protectFromScaleIn: boolean; protectFromScaleSetActions: boolean };
  extensions: InstanceExtension[];
  agentSilent: boolean;
  /** How often it restarted without losing its work, and when it is up after its last start, in milliseconds. */
  boots: number;
  upAt: number;
  /** Incremented when the work on the instance is interrupted: by a reimage, a deallocation or a deletion. */
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
  /** Incremented by every write that changes the model. */
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
  error?: ErrorBody;
}

/** The whole state of the simulator, for tests and the sandbox to read. */
export interface ArmWorld {
  clusters: Cluster[];
  scaleSets: ScaleSet[];
  operations: Operation[];
  /** The newest version of each marketplace image, by publisher:offer:sku. */
  marketplace: Record<string, string>;
  /**
   * Upgrades that changed the image or size of an instance: its node was lost without a drain. Upgrades that ran AKS's
   * bootstrap again on a live node.
   */
  violations: { at: string; scaleSet: string; instance: string; text: string }[];
  /** Returns latestModelApplied of the instance. */
  latestModelApplied(scaleSet: ScaleSet, instance: Instance): boolean;
}

/** Compares names as ARM does, case-insensitively. */
export function same(a: string | undefined, b: string | undefined): boolean {
  return a?.toLowerCase() === b?.toLowerCase();
}

/** Returns the content that an upgrade to the scale set's current model applies to an instance. */
export function contentOf({ revision, virtualMachineProfile, sku }: ScaleSet): Instance["applied"] {
  return { revision, profile: structuredClone(virtualMachineProfile), sku: sku.name };
}

/** Returns whether the instance has the content of the model, including secrets, in any order of extensions. */
export function carriesModel(scaleSet: ScaleSet, instance: Instance): boolean {
  return isDeepStrictEqual(unordered(contentOf(scaleSet)), unordered(instance.applied));
}

function unordered({ profile, sku }: Instance["applied"]): unknown {
  const extensions = profile.extensionProfile.extensions.toSorted((a, b) => a.name.localeCompare(b.name));
  return { ...profile, extensionProfile: extensions, sku };
}
