import type { PackageHash } from "./package.ts";
import type { EpochMs } from "./time.ts";

/** Our extension's name in every scale set. */
export const EXTENSION_NAME = "windows-exporter-dsc";

/** AKS's own Custom Script Extension, which makes a machine a node. */
export const AKS_EXTENSION_NAME = "vmssCSE";

/** The DSC extension's handler; a set takes one of a kind, under any name. */
export const DSC_PUBLISHER = "Microsoft.Powershell";
export const DSC_TYPE = "DSC";

/** The configuration in the package's root, and the function in it. */
export const CONFIGURATION = { script: "WindowsExporter.ps1", function: "WindowsExporter" } as const;

/** Public settings of the DSC extension (schema: the extension's own documentation). */
interface DscSettings {
  readonly configuration: { readonly url: string; readonly script: string; readonly function: string };
  readonly configurationArguments: Readonly<Record<string, string | number | boolean>>;
  readonly privacy: { readonly dataCollection: "Disable" };
  readonly advancedOptions: { readonly rebootNodeIfNeeded: false };
}

/** Our entry as it should stand in the model, but for the link and its expiry in the tag. */
export interface DesiredExtension {
  readonly package: PackageHash;
  readonly marker: string;
  readonly owner: string;
  readonly typeHandlerVersion: string;
  readonly provisionAfterExtensions: readonly string[];
  readonly settings: DscSettings;
}

/** What `forceUpdateTag` tells; an unreadable tag tells nothing. */
export interface ExtensionTag {
  readonly marker: string;
  readonly owner: string;
  /** `none`: the package is read without a link. */
  readonly linkExpiresAt: EpochMs | "none";
}
