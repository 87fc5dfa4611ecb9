import { join, relative } from "node:path";
import { BUILD_OPTIONS, buildRelease, CACHE } from "./build-release.ts";
import { runCommand } from "./command.ts";
import { makeFolderFor, parseOptions, writeFor } from "./option.ts";
import { formatDescription } from "./package.ts";

const USAGE = `Builds the package of a release: one zip, named by its SHA-256.

npm run dsc:build -- [--release FILE] [--msi FILE] [--out FOLDER] [--cache FOLDER] [--json]

  --release FILE      the release file (default: dsc/release.json)
  --msi FILE          the installer (default: downloaded from the URL in the release file)
  --out FOLDER        the folder for <hash>.zip and <hash>.json (default: .cache/dsc)
  --cache FOLDER      the folder for downloads (default: .cache/msi)`;

await runCommand(USAGE, async (args) => {
  const { values } = parseOptions({ args, options: { ...BUILD_OPTIONS, out: { type: "string" } } });
  const { out = join(CACHE, "dsc") } = values;
  const { bytes, description, contents } = await buildRelease(values);

  const path = join(out, description.package);
  makeFolderFor("--out", out);
  writeFor("--out", `${path}.json`, formatDescription(description));
  writeFor("--out", `${path}.zip`, bytes);
  const zip = `${relative(".", path)}.zip`;
  return {
    lines: [
      description.package,
      `${zip}, ${bytes.length} bytes, windows_exporter ${description.exporterVersion}`,
      ...contents.map(({ path: name, size }) => `${String(size).padStart(10)}  ${name}`),
    ],
    json: { ...description, zip, bytes: bytes.length, contents },
    notes: [`Next: npm run dsc:publish -- --container URL --package ${zip}`],
  };
});
