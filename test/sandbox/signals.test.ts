import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packCopy } from "../package/project-copy.ts";
import { type StartedSandbox, startSandbox } from "./started-sandbox.ts";

const folder = mkdtempSync(join(tmpdir(), "signals-"));
const project = join(folder, "project");
beforeAll(() => packCopy(project));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Waits until a moment of a sandbox whose temporary files are in a folder. */
type Moment = (sandbox: StartedSandbox, temporary: string) => Promise<unknown>;

const printed =
  (pattern: RegExp): Moment =>
  (sandbox) =>
    sandbox.printed(pattern);
const written =
  (pattern: string): Moment =>
  async (_, temporary) => {
    while (globSync(pattern, { cwd: temporary }).length === 0) await sleep(20);
  };

const FIRST_SECOND = { moment: "its address is printed", until: printed(/Sandbox:/) };
const PUBLISHING = { moment: "a package is being built", until: written("*/*/releases/*") };
const STORY = { moment: "the story plays", until: printed(/story +2\. /) };
const AFTER = { moment: "the story is over", until: printed(/Every step converged/), args: ["--no-story"] };

interface Case {
  readonly signal: NodeJS.Signals;
  readonly moment: string;
  readonly until: Moment;
  readonly args?: readonly string[];
}

const CASES: readonly Case[] = [
  { signal: "SIGINT", ...FIRST_SECOND },
  { signal: "SIGTERM", ...FIRST_SECOND },
  { signal: "SIGHUP", ...FIRST_SECOND },
  { signal: "SIGTERM", ...PUBLISHING },
  { signal: "SIGHUP", ...STORY },
  { signal: "SIGINT", ...AFTER },
];
const CODES: Readonly<Partial<Record<NodeJS.Signals, number>>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** Returns the command lines of the processes that have a folder for temporary files in their environment. */
function processesOf(temporary: string): readonly string[] {
  return globSync("/proc/[0-9]*").flatMap((process) => {
    try {
      const has = readFileSync(join(process, "environ"), "utf8").includes(temporary);
      return has ? [readFileSync(join(process, "cmdline"), "utf8").replaceAll("\0", " ")] : [];
    } catch {
      // It has ended, or it is another user's.
      return [];
    }
  });
}

async function endBy({ signal, until, args = [] }: Case) {
  const temporary = mkdtempSync(join(folder, "tmp-"));
  const sandbox = startSandbox(["--app", project, ...args], { TMPDIR: temporary });
  await until(sandbox, temporary);
  const before = processesOf(temporary).length;
  // A terminal that is closed takes the output, too.
  if (signal === "SIGHUP") sandbox.program.stdout?.destroy();
  await sandbox.stop(signal);
  return { before, code: sandbox.program.exitCode, left: [...readdirSync(temporary), ...processesOf(temporary)] };
}

describe.skipIf(!existsSync("/proc/self/environ"))("nothing is left", () => {
  test.each(CASES)("after $signal when $moment", async (each) => {
    expect(await endBy(each)).toMatchObject({ code: CODES[each.signal], left: [] });
  });

  test.skipIf(!process.env["KUBEBUILDER_ASSETS"])(
    "after SIGTERM when etcd starts (needs KUBEBUILDER_ASSETS)",
    async () => {
      const { before, left } = await endBy({ signal: "SIGTERM", moment: "", until: written("*/*/etcd") });
      expect(left).toEqual([]);
      expect(before).toBeGreaterThan(1);
    },
  );

  test("after npm has ended, which does not pass signals on", async () => {
    const temporary = mkdtempSync(join(folder, "tmp-"));
    const main = new URL("main.ts", import.meta.url).pathname;
    const env = { ...process.env, TMPDIR: temporary, npm_lifecycle_event: "start", SANDBOX_CONTROL_PORT: "0" };
    const script = `"${process.execPath}" "${main}" --no-app; true`;
    const shell = spawn("sh", ["-c", script], { env: { ...env, SANDBOX_PORT: "0", KUBEBUILDER_ASSETS: "" } });
    await once(shell.stdout, "data");
    shell.kill("SIGKILL");
    const left = (): readonly string[] => [...readdirSync(temporary), ...processesOf(temporary)];
    await expect.poll(left, { timeout: 10_000 }).toEqual([]);
  });
});
