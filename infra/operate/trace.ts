import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * `npm run trace -- FILE` prints a log with its stack traces mapped to the sources. `-` reads standard input. It uses the
 * source maps of the last `npm run build`, so build the deployed commit first.
 */
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MAPS = join(ROOT, "dist-maps");
/** A position in a deployed file. The path before `dist/` depends on the machine. */
const PLACE = /(?:file:\/\/)?[^\s()'"]*\bdist[\\/]([\w.-]+\.js):(\d+):(\d+)/g;

const maps = new Map<string, SourceMap | undefined>();

function readMap(file: string): SourceMap | undefined {
  if (!maps.has(file)) {
    const path = join(MAPS, `${file}.map`);
    maps.set(file, existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, "utf8"))) : undefined);
  }
  return maps.get(file);
}

/** Returns the `path:line:column` in the source, or the position unchanged if the source map does not contain it. */
function translate(place: string, file: string, line: string, column: string): string {
  // Lines and columns start at 1 in stack traces, and at 0 in source maps.
  const entry = readMap(file)?.findEntry(Number(line) - 1, Number(column) - 1);
  if (!entry || !("originalSource" in entry)) return place;
  const source = relative(ROOT, join(dirname(join(MAPS, file)), entry.originalSource)).replaceAll("\\", "/");
  return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("The file with the stack trace is missing. Usage: npm run trace -- FILE");
const text = readFileSync(file === "-" ? 0 : file, "utf8");
process.stdout.write(text.replace(PLACE, translate));
const unknown = [...maps].filter(([, map]) => !map).map(([name]) => name);
if (unknown.length > 0) {
  console.error(
    `No map of ${unknown.join(", ")} in dist-maps/. Check out the deployed commit, and run \`npm run build\`.`,
  );
  process.exitCode = 1;
}
