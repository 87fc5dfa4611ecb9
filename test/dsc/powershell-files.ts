import { readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const DSC = fileURLToPath(new URL("../../dsc/", import.meta.url));

/** Returns each PowerShell file below dsc/, with its path and its name relative to dsc/ (with forward slashes). */
export function powershellFiles(): readonly { readonly name: string; readonly file: string }[] {
  return readdirSync(DSC, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.ps(?:1|m1|d1)$/.test(name))
    .toSorted()
    .map((name) => ({ name: name.split(path.sep).join("/"), file: path.join(DSC, name) }));
}
