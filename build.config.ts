import { mkdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, context, type Plugin } from "esbuild";

/** `npm run build` makes `dist/`, which is deployed, and `dist-maps/`, which is not; `npm run dev` does so at every change. */
const root = fileURLToPath(new URL(".", import.meta.url));

/** Replaces both folders as a whole: file names carry hashes, and those of an older build must not be deployed. */
const writeOutputs: Plugin = {
  name: "write-outputs",
  setup: (building) => {
    building.onEnd(async ({ outputFiles = [], errors }) => {
      if (errors.length > 0) return;
      await Promise.all(["dist", "dist-maps"].map((each) => rm(join(root, each), { recursive: true, force: true })));
      for (const { path, contents } of outputFiles) {
        const folder = path.endsWith(".map") ? dirname(path).replace(/dist$/, "dist-maps") : dirname(path);
        await mkdir(folder, { recursive: true });
        await writeFile(join(folder, basename(path)), contents);
      }
    });
  },
};

const options: BuildOptions = {
  absWorkingDir: root,
  entryPoints: { main: "functions/main.ts" },
  outdir: "dist",
  bundle: true,
  // SDKs are imported where they are first used: each comes in a file of its own, and registering loads none.
  splitting: true,
  chunkNames: "[name]-[hash]",
  format: "esm",
  platform: "node",
  target: "node22",
  // The worker provides it by `require`, and no such package exists.
  external: ["@azure/functions-core"],
  // Packages in the older module format, and @azure/functions itself, call a `require`, which such modules lack.
  banner: { js: "import{createRequire as $require}from'node:module';const require=$require(import.meta.url);" },
  minify: true,
  // Faults are told by the names of error classes, and stack traces are read by the names of functions.
  keepNames: true,
  sourcemap: "external",
  sourcesContent: false,
  preserveSymlinks: true,
  write: false,
  logLevel: "warning",
  plugins: [writeOutputs],
};

if (process.argv.includes("--watch")) await (await context({ ...options, logLevel: "info" })).watch();
else await build(options);
