import { createHash } from "node:crypto";
import {
  AKS_EXTENSION_NAME,
  CONFIGURATION,
  type DesiredExtension,
  DSC_PUBLISHER,
  DSC_TYPE,
} from "../model/extension.ts";
import { canonicalJson, isRecord } from "../model/json.ts";
import { byText } from "../model/order.ts";
import { type ConfigurationArguments, isPackageHash, type Package, type PackageHash } from "../model/package.ts";
import type { PoolSelection } from "../model/pools.ts";
import type { ModelExtension } from "../model/scale-set.ts";

/** The newest documented handler; ARM takes major.minor only. */
const TYPE_HANDLER_VERSION = "2.83";

/** What the operator wants of every cluster, from the app settings. */
export interface ExtensionDesired {
  /** Eight hex digits that tell this app's writes from another copy's. */
  readonly owner: string;
  /** `https://ACCOUNT.blob…/CONTAINER`, without a slash at the end. */
  readonly packageContainerUrl: string;
  readonly selection: PoolSelection;
  /** Hashes that may be deployed; undefined means whatever the container names. */
  readonly packageAllowed: ReadonlySet<string> | undefined;
  /** Whether the package is read without a link. */
  readonly packageIsAnonymous: boolean;
  /** The policy withholds every action, so that a rollout needs no pass a minute. */
  readonly isObserveOnly: boolean;
  readonly rolloutBatch: number;
  /** Undefined means half of the pool, rounded up. */
  readonly restoreBatch: number | undefined;
  readonly resyncAfterMs: number;
}

/**
 * What an instance carries, in 16 hex digits: SHA-256 over the package and its arguments, keys sorted. Handler
 * version, addresses and links are no part of it, so that no release of the app and no renewal rolls a node.
 */
export function markerOf(hash: PackageHash, args: ConfigurationArguments): string {
  const sorted = Object.entries(args).toSorted(byText(([key]) => key));
  return createHash("sha256")
    .update(JSON.stringify([hash, sorted]))
    .digest("hex")
    .slice(0, 16);
}

/** Our entry for one scale set. `vmssCSE` is named only where it exists and AKS is well: a dangling name blocks AKS's own PUT. */
export function buildExtension(
  wanted: Package,
  desired: ExtensionDesired,
  model: { readonly extensions: readonly ModelExtension[]; readonly aksFailed: boolean },
): DesiredExtension {
  const hasCse = model.extensions.some((each) => each.name === AKS_EXTENSION_NAME);
  return {
    package: wanted.hash,
    marker: markerOf(wanted.hash, wanted.arguments),
    owner: desired.owner,
    typeHandlerVersion: TYPE_HANDLER_VERSION,
    provisionAfterExtensions: hasCse && !model.aksFailed ? [AKS_EXTENSION_NAME] : [],
    settings: {
      configuration: { url: `${desired.packageContainerUrl}/${wanted.hash}.zip`, ...CONFIGURATION },
      configurationArguments: { ...wanted.arguments, Package: wanted.hash },
      privacy: { dataCollection: "Disable" },
      advancedOptions: { rebootNodeIfNeeded: false },
    },
  };
}

/** Whether any readable property of the entry but its tag is not as desired. */
export function differs(entry: ModelExtension, desired: DesiredExtension): boolean {
  const isAsDesired =
    isSameName(entry.publisher, DSC_PUBLISHER) &&
    isSameName(entry.type, DSC_TYPE) &&
    entry.typeHandlerVersion === desired.typeHandlerVersion &&
    entry.autoUpgradeMinorVersion &&
    !entry.enableAutomaticUpgrade &&
    entry.suppressFailures &&
    canonicalJson(entry.provisionAfterExtensions) === canonicalJson(desired.provisionAfterExtensions) &&
    canonicalJson(entry.settings) === canonicalJson(desired.settings);
  return !isAsDesired;
}

/** Whether an extension is handled by the DSC extension, of which a machine takes one. */
export function isDsc(publisher: string, type: string): boolean {
  return isSameName(publisher, DSC_PUBLISHER) && isSameName(type, DSC_TYPE);
}

/** The package that an entry of ours names, with its arguments; undefined where it is not readable. */
export function packageOf(entry: ModelExtension): Package | undefined {
  const settings: unknown = entry.settings;
  const named = isRecord(settings) ? settings["configurationArguments"] : undefined;
  if (!isRecord(named)) return undefined;
  const { Package: hash, ...rest } = named;
  const args: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(rest)) {
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return undefined;
    args[key] = value;
  }
  return isPackageHash(hash) ? { hash, arguments: args } : undefined;
}

/** ARM compares publishers and types without case. */
function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
