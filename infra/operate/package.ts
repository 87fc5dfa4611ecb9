import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { zipSync } from "fflate";
import ignore, { type Ignore } from "ignore";

/**
 * `npm run package`: what `func azure functionapp publish` sends, as a zip and as a folder. The zip is the same, byte
 * for byte, wherever it is made from the same sources.
 */
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const OUT = join(ROOT, ".cache", "package");
/** A worker fetches the whole zip before it starts: what a cold start waits for is kept small. */
const MOST_BYTES = 1_000_000;
/** Zip files know no time zone, and none before this. */
const MTIME = "1980-01-01T00:00:00";

/** The files under a folder that the rules leave, by their path from the root, sorted. */
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
// The tools leave their own file out, whatever it says.
const files = listFiles(rules.add(".funcignore")).map((path) => ({ path, content: readFileSync(join(ROOT, path)) }));
if (!files.some(({ path }) => path === "dist/main.js")) throw new Error("dist/main.js is missing; run `npm run build`");
const zip = zipSync(Object.fromEntries(files.map(({ path, content }) => [path, content])), { level: 9, mtime: MTIME });

rmSync(OUT, { recursive: true, force: true });
for (const { path, content } of files) writeTo(join(OUT, "app", path), content);
writeTo(join(OUT, "app.zip"), zip);

for (const { path, content } of files) console.log(`${String(content.length).padStart(9)}  ${path}`);
console.log(`${String(zip.length).padStart(9)}  .cache/package/app.zip, of at most ${MOST_BYTES}`);
if (zip.length > MOST_BYTES) {
  console.error(`The zip is too large by ${zip.length - MOST_BYTES} bytes; see above which file grew.`);
  process.exitCode = 1;
}
