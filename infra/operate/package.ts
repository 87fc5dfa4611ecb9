import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { zipSync } from "fflate";
import ignore, { type Ignore } from "ignore";

/**
 * `npm run package` writes what is deployed, as a zip and as a folder: the files that `.funcignore` does not exclude, with
 * a shorter `package.json`. The zip is reproducible: the same sources give the same bytes on every machine.
 */
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const OUT = join(ROOT, ".cache", "package");
/** Limits the duration of cold starts: a worker downloads the whole zip before it starts. */
const MOST_BYTES = 1_000_000;
/** The earliest time that a zip file can store; it has no time zone. */
const MTIME = "1980-01-01T00:00:00";

/** Returns the `package.json` that a host reads. Without dependencies, no deployment tries to install them. */
function deployedManifest(): Buffer {
  const manifest: Record<string, unknown> = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const kept = Object.fromEntries(["name", "version", "type", "main"].map((key) => [key, manifest[key]]));
  return Buffer.from(`${JSON.stringify(kept, undefined, 2)}\n`);
}

/** Lists the files in a folder that the rules do not ignore: paths from the root, sorted. */
function listFiles(rules: Ignore, folder = ""): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .map((entry) => ({ entry, path: `${folder}${entry.name}` }))
    .filter(({ entry, path }) => !rules.ignores(entry.isDirectory() ? `${path}/` : path))
    .flatMap(({ entry, path }) => (entry.isDirectory() ? listFiles(rules, `${path}/`) : [path]))
    .toSorted();
}

function writeTo(path: string, content: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

const rules = ignore().add(readFileSync(join(ROOT, ".funcignore"), "utf8"));
// The Core Tools always exclude .funcignore itself.
const files = listFiles(rules.add(".funcignore")).map((path) => ({
  path,
  content: path === "package.json" ? deployedManifest() : readFileSync(join(ROOT, path)),
}));
if (!files.some(({ path }) => path === "dist/main.js")) {
  throw new Error("dist/main.js is missing. Run `npm run build`.");
}
const zip = zipSync(Object.fromEntries(files.map(({ path, content }) => [path, content])), { level: 9, mtime: MTIME });

rmSync(OUT, { recursive: true, force: true });
for (const { path, content } of files) writeTo(join(OUT, "app", path), content);
writeTo(join(OUT, "app.zip"), zip);

// `npm start` needs the package, and its own lines are the ones to read.
const print = process.argv.includes("--quiet") ? () => {} : console.log;
for (const { path, content } of files) print(`${String(content.length).padStart(9)}  ${path}`);
print(`${String(zip.length).padStart(9)}  .cache/package/app.zip (maximum ${MOST_BYTES})`);
if (zip.length > MOST_BYTES) {
  console.error(
    `.cache/package/app.zip exceeds its maximum size by ${zip.length - MOST_BYTES} bytes. Reduce the largest files above.`,
  );
  process.exitCode = 1;
}
