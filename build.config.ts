import { mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, context, type Plugin } from "esbuild";
import { leaveOut } from "./infra/operate/left-out.ts";

/**
 * `npm run build` makes `dist/`, which is deployed, and `dist-maps/`, which is not. `npm run dev` makes `dist/` for a
 * debugger, and again at every change: not minified, with the source maps beside the files and named in them.
 */
const root = fileURLToPath(new URL(".", import.meta.url));
const isDev = process.argv.includes("--watch");
const folders = { files: "dist", maps: isDev ? "dist" : "dist-maps" };

/** Replaces each folder as a whole: file names carry hashes, and those of an older build must not be deployed. */
const writeOutputs: Plugin = {
  name: "write-outputs",
  setup: (building) => {
    building.onEnd(async ({ outputFiles = [], errors }) => {
      if (errors.length > 0) return;
      const made = new Set(Object.values(folders));
      await Promise.all([...made].map((each) => rm(join(root, each), { recursive: true, force: true })));
      for (const { path, contents } of outputFiles) {
        const folder = join(root, path.endsWith(".map") ? folders.maps : folders.files);
        await mkdir(folder, { recursive: true });
        await writeFile(join(folder, basename(path)), contents);
      }
    });
  },
};

const options: BuildOptions = {
  absWorkingDir: root,
  entryPoints: { main: "functions/main.ts" },
  outdir: folders.files,
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
  minify: !isDev,
  // Faults are told by the names of error classes, and stack traces are read by the names of functions.
  keepNames: true,
  // Paths of sources are relative to the map's folder, which lies in the project for both kinds of build.
  sourcemap: isDev ? "linked" : "external",
  // A debugger without access to the disk, as that of a browser, shows the sources from here.
  sourcesContent: isDev,
  preserveSymlinks: true,
  write: false,
  logLevel: isDev ? "info" : "warning",
  plugins: [leaveOut, writeOutputs],
};

if (isDev) await (await context(options)).watch();
else await build(options);
