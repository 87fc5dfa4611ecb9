import type { PackageHash } from "./package.ts";
import type { EpochMs } from "./time.ts";

/** Name of the app's extension in every scale set. */
export const EXTENSION_NAME = "windows-exporter-dsc";

/** Returns the app's extension in a model or on an instance. */
export function findOwnExtension<T extends { readonly name: string }>(extensions: readonly T[]): T | undefined {
  return extensions.find((each) => each.name === EXTENSION_NAME);
}

/** Name of AKS's own Custom Script Extension, which joins a machine to the cluster. */
export const AKS_EXTENSION_NAME = "vmssCSE";

/**
 * Publisher and type of the DSC extension. A scale set takes one extension of each publisher and type, under any name.
 */
export const DSC_PUBLISHER = "Microsoft.Powershell";
export const DSC_TYPE = "DSC";

/** The DSC configuration script in the package's root, and the configuration in it. */
export const CONFIGURATION = { script: "WindowsExporter.ps1", function: "WindowsExporter" } as const;

/** Public settings of the DSC extension, in the schema that its documentation gives. */
interface DscSettings {
  readonly configuration: { readonly url: string; readonly script: string; readonly function: string };
  readonly configurationArguments: Readonly<Record<string, string | number | boolean>>;
  readonly privacy: { readonly dataCollection: "Disable" };
  readonly advancedOptions: { readonly rebootNodeIfNeeded: false };
}

/** The desired extension in the scale set's model, without the link and the expiry that its tag contains. */
export interface DesiredExtension {
  readonly package: PackageHash;
  readonly marker: string;
  readonly owner: string;
  readonly typeHandlerVersion: string;
  /** Number of the attempt with this marker, from 0. A higher one makes the handler run again. */
  readonly try: number;
  readonly provisionAfterExtensions: readonly string[];
  readonly settings: DscSettings;
}

/** Parsed content of `forceUpdateTag`. */
export interface ExtensionTag {
  readonly marker: string;
  readonly owner: string;
  /** `none` if the package's URL is public and needs no signed link. */
  readonly linkExpiresAt: EpochMs | "none";
  readonly try: number;
}
