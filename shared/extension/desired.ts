import { createHash } from "node:crypto";
import {
  AKS_EXTENSION_NAME,
  CONFIGURATION,
  type DesiredExtension,
  DSC_PUBLISHER,
  DSC_TYPE,
  type ExtensionTag,
  findOwnExtension,
} from "../model/extension.ts";
import { canonicalJson, isRecord } from "../model/json.ts";
import { byText } from "../model/order.ts";
import { isAddedArgument, type Package, parsePackage } from "../model/package.ts";
import type { PoolSelection } from "../model/pools.ts";
import type { ModelExtension, ScaleSetModel } from "../model/scale-set.ts";

/** The newest documented version of the handler. ARM accepts only major.minor. */
const TYPE_HANDLER_VERSION = "2.83";

/** The desired state of every cluster, from the app settings. */
export interface ExtensionDesired {
  /** Eight hex digits that distinguish the writes of this app from those of another copy of it. */
  readonly owner: string;
  /** `https://ACCOUNT.blob…/CONTAINER`, without a trailing slash. */
  readonly packageContainerUrl: string;
  readonly selection: PoolSelection;
  /** The hashes that may be deployed; undefined allows every package that `current.json` names. */
  readonly packageAllowed: ReadonlySet<string> | undefined;
  /** Whether nodes download the package without a SAS link. */
  readonly packageIsAnonymous: boolean;
  /** Whether the policy withholds every action. A rollout then needs no pass every minute. */
  readonly isObserveOnly: boolean;
  readonly rolloutBatch: number;
  /** Undefined: half of the pool, rounded up. */
  readonly restoreBatch: number | undefined;
  readonly resyncAfterMs: number;
  /** The pool that tries a new package first; undefined: the first that can. */
  readonly canaryPool: string | undefined;
  /** For so long a canary has to be well before its package is proven. */
  readonly soakMs: number;
}

/**
 * Returns the marker of a package with its arguments: 16 hex digits of a SHA-256 hash, independent of the order of the
 * arguments. It does not include what the app adds to them, handler version, URLs and links, so that neither a new
 * version of the app nor a renewed link upgrades a node.
 */
export function markerOf({ hash, arguments: args }: Package): string {
  const entries = Object.entries(args).filter(([key]) => !isAddedArgument(key));
  const sorted = entries.toSorted(byText(([key]) => key));
  return createHash("sha256")
    .update(JSON.stringify([hash, sorted]))
    .digest("hex")
    .slice(0, 16);
}

/**
 * Returns our extension as it should be in the model of one scale set, with the try of the model's tag, or of the last
 * one that the model had. It depends on `vmssCSE` only if the model has that and the pool is not Failed, because a
 * reference to a missing extension makes ARM refuse the PUT of AKS.
 */
export function buildExtension(
  desiredPackage: Package,
  desired: ExtensionDesired,
  model: {
    readonly extensions: readonly ModelExtension[];
    readonly isPoolFailed: boolean;
    readonly tag: ExtensionTag | undefined;
  },
): DesiredExtension {
  const { hash, arguments: args } = desiredPackage;
  const marker = markerOf(desiredPackage);
  const hasCse = model.extensions.some((each) => each.name === AKS_EXTENSION_NAME);
  return {
    package: hash,
    marker,
    owner: desired.owner,
    try: model.tag?.marker === marker ? model.tag.try : 0,
    typeHandlerVersion: TYPE_HANDLER_VERSION,
    provisionAfterExtensions: hasCse && !model.isPoolFailed ? [AKS_EXTENSION_NAME] : [],
    settings: {
      configuration: { url: `${desired.packageContainerUrl}/${hash}.zip`, ...CONFIGURATION },
      configurationArguments: { ...args, Package: hash, Marker: marker },
      privacy: { dataCollection: "Disable" },
      advancedOptions: { rebootNodeIfNeeded: false },
    },
  };
}

/**
 * Returns the readable properties of the entry, except its tag, that differ from the desired ones. That the entry does
 * not depend on `vmssCSE` is no difference.
 */
export function findDifferences(entry: ModelExtension, desired: DesiredExtension): readonly string[] {
  const dependencies = entry.provisionAfterExtensions.filter((each) => each !== AKS_EXTENSION_NAME);
  const isAsDesired = {
    publisher: equalsIgnoreCase(entry.publisher, DSC_PUBLISHER),
    type: equalsIgnoreCase(entry.type, DSC_TYPE),
    typeHandlerVersion: entry.typeHandlerVersion === desired.typeHandlerVersion,
    autoUpgradeMinorVersion: entry.autoUpgradeMinorVersion,
    enableAutomaticUpgrade: !entry.enableAutomaticUpgrade,
    suppressFailures: entry.suppressFailures,
    provisionAfterExtensions: dependencies.length === 0,
    settings: canonicalJson(entry.settings) === canonicalJson(desired.settings),
  };
  return Object.entries(isAsDesired).flatMap(([property, isSame]) => (isSame ? [] : [property]));
}

/** Returns whether the publisher and type are those of the DSC extension, of which a machine can have only one. */
export function isDsc(publisher: string, type: string): boolean {
  return equalsIgnoreCase(publisher, DSC_PUBLISHER) && equalsIgnoreCase(type, DSC_TYPE);
}

/** Returns the package and arguments in the settings of our entry; undefined if the settings do not have that form. */
export function packageOf({ settings }: Pick<ModelExtension, "settings">): Package | undefined {
  const stored = isRecord(settings) ? settings["configurationArguments"] : undefined;
  if (!isRecord(stored)) return undefined;
  const args = Object.entries(stored).filter(([key]) => !isAddedArgument(key));
  return parsePackage({ hash: stored["Package"], arguments: Object.fromEntries(args) });
}

/** Returns the package of our extension in a model; undefined if the model has none, or none that can be read. */
export function packageInModel({ extensions }: Pick<ScaleSetModel, "extensions">): Package | undefined {
  const entry = findOwnExtension(extensions);
  return entry && packageOf(entry);
}

/** ARM ignores the case of publishers and types. */
function equalsIgnoreCase(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
