import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { unzipSync } from "fflate";

/** Where `npm run package` leaves the zip, in the project's folder. */
export const APP_ZIP = ".cache/package/app.zip";

/** Unpacks the app that a project's folder has packed into another folder, as the platform does before a worker starts. */
export function unpackApp(project: string, folder: string): void {
  for (const [path, content] of Object.entries(unzipSync(readFileSync(join(project, APP_ZIP))))) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

/** The module that the worker loads first: the one that the folder's `package.json` names. */
export function entryOf(folder: string): string {
  const { main }: { main: string } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return pathToFileURL(join(folder, main)).href;
}
