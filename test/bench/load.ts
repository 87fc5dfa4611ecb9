import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { entryOf, unpackApp } from "../package/app-zip.ts";
import { run } from "../package/project-copy.ts";
import { describeTimes, median } from "./times.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SDKS = [
  "@azure/arm-compute",
  "@azure/arm-containerservice",
  "@azure/identity",
  "@azure/storage-blob",
  "@kubernetes/client-node",
];

/** Compiles the sources file by file next to `node_modules`; `static.js` imports the SDKs first, as usual projects do. */
function compileInto(folder: string): void {
  const tsc = fileURLToPath(import.meta.resolve("typescript/package.json")).replace(/package\.json$/, "bin/tsc");
  run(ROOT, [tsc, "-p", "test/bench/tsconfig.json", "--outDir", join(folder, "dist")]);
  cpSync(join(ROOT, "package.json"), join(folder, "package.json"));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "junction");
  const imports = [...SDKS, "./functions/main.js"].map((name) => `import "${name}";\n`);
  writeFileSync(join(folder, "dist", "static.js"), imports.join(""));
}

/**
 * Measures the time from the first import to the registration of all functions, which is the part of a cold start after
 * the start of Node. Each run is a separate process, and the variants alternate. Needs `npm run package`.
 */
export function benchLoad(rounds: number): readonly string[] {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "bench-load-")));
  unpackApp(ROOT, join(folder, "zip"));
  compileInto(join(folder, "tsc"));
  const rows = [
    { name: "packaged app", entry: entryOf(join(folder, "zip")), times: [] as number[] },
    { name: "tsc and node_modules", entry: entryIn(folder, "functions/main.js"), times: [] as number[] },
    { name: "tsc, SDKs imported at the top", entry: entryIn(folder, "static.js"), times: [] as number[] },
  ];
  const register = fileURLToPath(new URL("register.ts", import.meta.url));
  for (let round = 0; round < rounds; round++) {
    for (const { entry, times } of rows) {
      const { tookMs }: { tookMs: number } = JSON.parse(run(ROOT, [register, entry]));
      times.push(tookMs);
    }
  }
  rmSync(folder, { recursive: true, force: true });
  const [zip = 0] = rows.map(({ times }) => median(times));
  return rows.map(({ name, times }) => `${describeTimes(name, times)}  ${(median(times) / zip).toFixed(1)} x`);
}

const entryIn = (folder: string, file: string): string => pathToFileURL(join(folder, "tsc", "dist", file)).href;
