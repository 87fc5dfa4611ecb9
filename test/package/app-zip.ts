import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { unzipSync } from "fflate";

/** The path of the zip that `npm run package` creates, relative to the project. */
export const APP_ZIP = ".cache/package/app.zip";

/** Unpacks a project's packed app into another folder, as the platform does before a worker starts. */
export function unpackApp(project: string, folder: string): void {
  for (const [path, content] of Object.entries(unzipSync(readFileSync(join(project, APP_ZIP))))) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

/** Returns the entry module of the app in a folder, which its `package.json` names. */
export function entryOf(folder: string): string {
  const { main }: { main: string } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return pathToFileURL(join(folder, main)).href;
}
