import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** The sources of the package and of its build. */
const SOURCES = ["functions", "shared", "infra/operate", "build.config.ts", ".funcignore", "host.json", "package.json"];

/** Several runs load the same code, so it is cached in compiled form. */
const CACHE = { NODE_COMPILE_CACHE: join(ROOT, ".cache", "compiled") };

/** Copies the sources of the package into an empty folder, so that a build does not affect the project. */
export function copyProject(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const path of [...SOURCES, "tsconfig.json"]) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "junction");
}

/** Packages a copy of the project in an empty folder. */
export function packCopy(folder: string): void {
  copyProject(folder);
  run(folder, ["build.config.ts"]);
  run(folder, ["infra/operate/package.ts"]);
}

/** Runs a program of a project to completion, and returns its output. */
export function run(folder: string, args: readonly string[]): string {
  const options = { cwd: folder, encoding: "utf8", env: { ...process.env, ...CACHE } } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args], options);
  if (status !== 0) throw new Error(`${args.join(" ")} exited with ${status}: ${stderr}`);
  return stdout;
}
