import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { copyProject, run } from "./project-copy.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const project = realpathSync(mkdtempSync(join(tmpdir(), "dev-build-")));
const dist = join(project, "dist");
copyProject(project);
const dev = spawn(process.execPath, ["build.config.ts", "--watch"], {
  cwd: project,
  stdio: ["ignore", "ignore", "pipe"],
});
const lines = createInterface({ input: dev.stderr })[Symbol.asyncIterator]();

/** Waits for the next build of `npm run dev`. */
async function built(): Promise<void> {
  const { value = "", done } = await lines.next();
  if (done) throw new Error("npm run dev exited");
  if (!value.startsWith("[watch] build finished")) await built();
}

await built();
const files = readdirSync(dist).filter((name) => name.endsWith(".js"));
const read = (name: string): string => readFileSync(join(dist, name), "utf8");

afterAll(async () => {
  const ended = once(dev, "exit");
  dev.kill();
  await ended;
  rmSync(project, { recursive: true });
});

test("each file references the source map next to it", () => {
  expect(files).toContain("main.js");
  expect(files.map((name) => read(name).trimEnd().split("\n").at(-1))).toEqual(
    files.map((name) => `//# sourceMappingURL=${name}.map`),
  );
  expect(readdirSync(dist).toSorted()).toEqual(files.flatMap((name) => [name, `${name}.map`]).toSorted());
});

test("source maps have the path of each source, relative to dist/, and its text", () => {
  const found = files.flatMap((name) => {
    const { sources, sourcesContent }: Record<string, readonly string[]> = JSON.parse(read(`${name}.map`));
    return sources?.map((path, index) => ({ path: resolve(dist, path), text: sourcesContent?.[index] })) ?? [];
  });
  const ours = found.filter(({ path }) => /^(?:functions|shared)\b/.test(path.slice(project.length + 1)));
  expect(ours.map(({ path }) => path)).toContain(join(project, "shared", "reconcile", "pass.ts"));
  expect(ours.map(({ path }) => readFileSync(path, "utf8"))).toEqual(ours.map(({ text }) => text));
});

test("Node prints stack traces with the lines of the sources", () => {
  const args = ["--enable-source-maps", "load-app.ts", project, "reconcileTimer", "MODE=sometimes"];
  const { executed }: { executed: readonly string[] } = JSON.parse(run(HERE, args).trim().split("\n").at(-1) ?? "");
  const [, path = "", line = "0"] = /([^\s(]*\bshared[\\/]config[^\s(]*\.ts):(\d+):\d+/.exec(executed[0] ?? "") ?? [];
  expect(path).toContain(join(project, "shared"));
  expect(readFileSync(path, "utf8").split("\n")[Number(line) - 1]).toContain("ConfigError");
});

test("a change of a source triggers a build", async () => {
  appendFileSync(join(project, "functions", "main.ts"), 'console.log("changed");\n');
  await built();
  expect(read("main.js")).toContain('console.log("changed");');
});
