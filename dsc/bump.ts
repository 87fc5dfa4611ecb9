import { fileURLToPath } from "node:url";
import { bumpRelease } from "./bump-release.ts";
import { runCommand } from "./command.ts";
import { parseOptions, readFor, required, writeFor } from "./option.ts";

const USAGE = `Sets another version of windows_exporter in a release file.

npm run dsc:bump -- --version X.Y.Z --sha256 HASH [--release FILE] [--json]

  --version X.Y.Z     the version, without a v
  --sha256 HASH       the hash of windows_exporter-X.Y.Z-amd64.msi, from the sha256sums.txt of its release
  --release FILE      the release file (default: dsc/release.json)`;

await runCommand(USAGE, async (args) => {
  const text = { type: "string" } as const;
  const { values } = parseOptions({ args, options: { version: text, sha256: text, release: text } });
  const { release: file = fileURLToPath(new URL("release.json", import.meta.url)) } = values;
  const [version, sha256] = [required(values.version, "--version"), required(values.sha256, "--sha256")];
  const { text: bumped, changes } = bumpRelease(readFor("--release", file).toString("utf8"), file, { version, sha256 });
  const json = { release: file, changes };
  if (changes.length === 0) return { lines: [`${file} already has this version: nothing to do`], json };
  writeFor("--release", file, bumped);
  return { lines: changes, json, notes: ["Next: npm run dsc:build"] };
});
