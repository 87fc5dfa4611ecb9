import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** `npm run build`: tsc to `dist/`, and the one entry that `package.json` names. */
const root = fileURLToPath(new URL(".", import.meta.url));
const tsc = fileURLToPath(import.meta.resolve("typescript/package.json")).replace(/package\.json$/, "bin/tsc");
rmSync(new URL("dist/", import.meta.url), { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
if (status === 0) writeFileSync(new URL("dist/main.js", import.meta.url), 'import "./functions/main.js";\n');
process.exitCode = status ?? 1;
