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

/** The same sources compiled file by file beside `node_modules`; `static.js` imports the SDKs first, as a template's projects do. */
function compileInto(folder: string): void {
  const tsc = fileURLToPath(import.meta.resolve("typescript/package.json")).replace(/package\.json$/, "bin/tsc");
  run(ROOT, [tsc, "-p", "test/bench/tsconfig.json", "--outDir", join(folder, "dist")]);
  cpSync(join(ROOT, "package.json"), join(folder, "package.json"));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "junction");
  const imports = [...SDKS, "./functions/main.js"].map((name) => `import "${name}";\n`);
  writeFileSync(join(folder, "dist", "static.js"), imports.join(""));
}

/**
 * From the first import to all functions registered, each time in a process of its own, the three in turn: what a cold
 * start waits for beyond Node itself. Needs `npm run package`.
 */
export function benchLoad(rounds: number): readonly string[] {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "bench-load-")));
  unpackApp(ROOT, join(folder, "zip"));
  compileInto(join(folder, "tsc"));
  const rows = [
    { name: "the zip's app", entry: entryOf(join(folder, "zip")), times: [] as number[] },
    { name: "tsc and node_modules", entry: entryIn(folder, "functions/main.js"), times: [] as number[] },
    { name: "the same, SDKs imported at the top", entry: entryIn(folder, "static.js"), times: [] as number[] },
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
