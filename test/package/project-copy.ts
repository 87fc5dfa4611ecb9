import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** What the package is made from and by. */
const SOURCES = ["functions", "shared", "infra/operate", "build.config.ts", ".funcignore", "host.json", "package.json"];

/** Copies what the package is made from into an empty folder, so that what others build in the project is not disturbed. */
export function copyProject(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const path of [...SOURCES, "tsconfig.json"]) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "junction");
}

/** Packs a copy of the project in an empty folder. */
export function packCopy(folder: string): void {
  copyProject(folder);
  run(folder, ["build.config.ts"]);
  run(folder, ["infra/operate/package.ts"]);
}

/** Runs a program of a project to its end, and gives what it printed. */
export function run(folder: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args], { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
  return stdout;
}
