import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packCopy } from "../package/project-copy.ts";
import { type StartedSandbox, startSandbox } from "./started-sandbox.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const page = readFileSync(join(ROOT, "docs/sandbox.md"), "utf8").replaceAll("\r\n", "\n");
const folder = mkdtempSync(join(tmpdir(), "walk-"));
/** What a reader pastes into one shell, where every refusal ends it. */
const REFUSED = `curl() { command curl -sS --fail-with-body "$@" || { echo "REFUSED: $*" >&2; exit 22; }; }`;
let sandbox: StartedSandbox;
let control = "";

beforeAll(async () => {
  packCopy(join(folder, "project"));
  sandbox = startSandbox(["--no-story", "--app", join(folder, "project")]);
  [, control = ""] = await sandbox.printed(/Control API: +(\S+)/);
  await sandbox.printed(/converged/);
});
afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
});

test.skipIf(process.platform === "win32")(
  "every call of docs/sandbox.md works, pasted in the page's order",
  async () => {
    const blocks = [...page.matchAll(/```bash\n([^]*?)```/g)].map(([, block = ""]) => block);
    const pasted = blocks
      .join("\n")
      .replace(/^CONTROL=.*$/m, `CONTROL=${control}`)
      .replaceAll(".cache/mine", join(folder, "mine"));
    expect(pasted).toContain("/world/pools/win1/upgrade");
    const script = `set -euo pipefail\n${REFUSED}\n${pasted}`;
    const { stdout } = await promisify(execFile)("bash", ["-c", script], { cwd: ROOT, maxBuffer: 1e8 }).catch(
      (error: unknown) => Promise.reject(new Error(`${String(error).slice(-2000)}\n${sandbox.output().slice(-3000)}`)),
    );
    expect(stdout).not.toContain('"error"');
    const world = await (await fetch(`${control}/world`)).json();
    expect(world).toMatchObject({ conditions: [], clusters: [{ state: "Succeeded" }] });
  },
);
