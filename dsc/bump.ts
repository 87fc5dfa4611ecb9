import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bumpRelease } from "./bump-release.ts";
import { readFor, required, runCommand, say, tell } from "./command.ts";

const USAGE = `Sets another version of windows_exporter in a release file.

npm run dsc:bump -- --version X.Y.Z --sha256 HASH [--release FILE]

  --version X.Y.Z   the version, without a v
  --sha256 HASH     the hash of windows_exporter-X.Y.Z-amd64.msi, from the sha256sums.txt of its release
  --release FILE    the release file (default: dsc/release.json)`;

await runCommand(USAGE, async (args) => {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args, options: { version: text, sha256: text, release: text } });
  const { release: file = fileURLToPath(new URL("release.json", import.meta.url)) } = values;
  const [version, sha256] = [required(values.version, "--version"), required(values.sha256, "--sha256")];
  const bumped = bumpRelease(readFor("--release", file).toString("utf8"), file, { version, sha256 });
  if (bumped.changes.length === 0) return say(`${file} already has this version: nothing to do`);
  writeFileSync(file, bumped.text);
  for (const change of bumped.changes) say(change);
  tell("Next: npm run dsc:build");
});
