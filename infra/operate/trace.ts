import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * `npm run trace -- FILE`: prints a log with its stack traces told in the sources' own lines. `-` reads standard input.
 * The maps are those of the last `npm run build`, so build the commit that is deployed first.
 */
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MAPS = join(ROOT, "dist-maps");
/** A place in a deployed file: everything up to `dist/` is the machine's own. */
const PLACE = /(?:file:\/\/)?[^\s()'"]*\bdist[\\/]([\w.-]+\.js):(\d+):(\d+)/g;

const maps = new Map<string, SourceMap | undefined>();

function readMap(file: string): SourceMap | undefined {
  if (!maps.has(file)) {
    const path = join(MAPS, `${file}.map`);
    maps.set(file, existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, "utf8"))) : undefined);
  }
  return maps.get(file);
}

/** The source's `path:line:column`; unchanged where the map does not know the place. */
function translate(place: string, file: string, line: string, column: string): string {
  // Lines and columns count from 1 in stack traces, and from 0 in maps.
  const entry = readMap(file)?.findEntry(Number(line) - 1, Number(column) - 1);
  if (!entry || !("originalSource" in entry)) return place;
  const source = relative(ROOT, join(dirname(join(MAPS, file)), entry.originalSource)).replaceAll("\\", "/");
  return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("expected a file with a stack trace: npm run trace -- FILE");
const text = readFileSync(file === "-" ? 0 : file, "utf8");
process.stdout.write(text.replace(PLACE, translate));
const unknown = [...maps].filter(([, map]) => !map).map(([name]) => name);
if (unknown.length > 0) {
  console.error(`No map of ${unknown.join(", ")} in dist-maps/: build the commit that is deployed.`);
  process.exitCode = 1;
}
