import { CONFIGURATION } from "../shared/model/extension.ts";
import { byText } from "../shared/model/order.ts";
import { CONFIG_PATH, MODULE, MSI_PATH, sha256Of } from "./package.ts";

/** The files of a package by their path in the zip. */
export type Files = Readonly<Record<string, Uint8Array>>;

/** Names the module's folder to the DSC extension. */
export const METADATA_PATH = "dscmetadata.json";
/** The ID of the package in the module's folder. The configuration contains the same one. */
export const CONTENT_PATH = `${MODULE}/content.txt`;
/** The place of the ID in the configuration. */
const CONTENT_PLACEHOLDER = "{{Content}}";

const MODULE_FILES: readonly string[] = [`${MODULE}/${MODULE}.psd1`, `${MODULE}/${MODULE}.psm1`];

/** Returns the paths of the module's PowerShell files: its manifest, the module, and each part that the module loads. */
export function modulePaths(psm1: string): readonly string[] {
  const [, list = ""] = /\bforeach \(\$part in ([^)]+)\)/.exec(psm1) ?? [];
  const parts = Array.from(list.matchAll(/'(\w+)'/g), ([, part = ""]) => `${MODULE}/${part}.ps1`);
  return [...MODULE_FILES, ...parts];
}

/** Returns a fault for each file that a package lacks or that does not belong in it. */
export function findPartFaults(files: Files): readonly string[] {
  const module = modulePaths(textOf(files[`${MODULE}/${MODULE}.psm1`]));
  const parts = [CONFIGURATION.script, METADATA_PATH, CONFIG_PATH, CONTENT_PATH, MSI_PATH, ...module];
  return [
    ...parts.filter((path) => !(path in files)).map((path) => `${path} is missing`),
    ...Object.keys(files)
      .filter((path) => !parts.includes(path))
      .map((path) => `${path} does not belong in a package: it is neither the configuration nor a part of the module`),
  ];
}

/** Adds the ID of their content to files: to the configuration, in place of its placeholder, and in a file of its own. */
export function withContent(files: Files): Files {
  const id = contentOf(files);
  const script = textOf(files[CONFIGURATION.script]);
  if (script.split(CONTENT_PLACEHOLDER).length !== 2) {
    throw new Error(`${CONFIGURATION.script}: expected ${CONTENT_PLACEHOLDER} in it once, for the ID of the package`);
  }
  return {
    ...files,
    [CONFIGURATION.script]: Buffer.from(script.replace(CONTENT_PLACEHOLDER, id)),
    [CONTENT_PATH]: Buffer.from(`${id}\n`),
  };
}

/** Returns a fault if configuration and module do not have the ID of the package's content. */
export function findContentFaults({ [CONTENT_PATH]: file, ...others }: Files): readonly string[] {
  const id = textOf(file).trim();
  const script = textOf(others[CONFIGURATION.script]);
  const found = script.split(id === "" ? CONTENT_PLACEHOLDER : id);
  const plain = { ...others, [CONFIGURATION.script]: Buffer.from(found.join(CONTENT_PLACEHOLDER)) };
  const expected = contentOf(plain);
  if (id === expected && found.length === 2) return [];
  return [`${CONTENT_PATH} and ${CONFIGURATION.script} must both have the ID ${expected}; build the package again`];
}

/** Returns the text of a file, or an empty text if it does not exist. */
export function textOf(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString("utf8");
}

/** Returns a SHA-256 over the paths and contents of files, with the placeholder of the ID in the configuration. */
function contentOf(files: Files): string {
  const lines = Object.entries(files)
    .toSorted(byText(([path]) => path))
    .map(([path, bytes]) => `${path} ${sha256Of(bytes)}\n`);
  return sha256Of(Buffer.from(lines.join("")));
}
