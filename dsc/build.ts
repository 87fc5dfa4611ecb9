import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { BUILD_OPTIONS, buildRelease, CACHE } from "./build-release.ts";
import { runCommand, say, tell } from "./command.ts";
import { formatDescription } from "./package.ts";

const USAGE = `Builds the package of a release: one zip, named by its SHA-256.

npm run dsc:build -- [--release FILE] [--msi FILE] [--out FOLDER] [--cache FOLDER]

  --release FILE   the release file (default: dsc/release.json)
  --msi FILE       the installer (default: downloaded from the URL in the release file)
  --out FOLDER     the folder for <hash>.zip and <hash>.json (default: .cache/dsc)
  --cache FOLDER   the folder for downloads (default: .cache/msi)`;

await runCommand(USAGE, async (args) => {
  const { values } = parseArgs({ args, options: { ...BUILD_OPTIONS, out: { type: "string" } } });
  const { out = join(CACHE, "dsc") } = values;
  const { bytes, description, contents } = await buildRelease(values);

  const path = join(out, description.package);
  mkdirSync(out, { recursive: true });
  writeFileSync(`${path}.json`, formatDescription(description));
  writeFileSync(`${path}.zip`, bytes);
  say(description.package);
  say(`${relative(".", path)}.zip, ${bytes.length} bytes, windows_exporter ${description.exporterVersion}`);
  for (const { path: name, size } of contents) say(`${String(size).padStart(10)}  ${name}`);
  tell(`Next: npm run dsc:publish -- --container URL --package ${relative(".", path)}.zip`);
});
