import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, expect, test } from "vitest";
import { leaveOut } from "../../infra/operate/left-out.ts";

const folder = mkdtempSync(join(tmpdir(), "left-out-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Bundles a module as the app is bundled, and loads it. */
async function bundled(contents: string): Promise<Readonly<Record<string, (name?: string) => unknown>>> {
  const resolveDir = fileURLToPath(new URL(".", import.meta.url));
  const format = { bundle: true, format: "cjs", platform: "node", logLevel: "silent" } as const;
  const outfile = join(folder, "bundle.cjs");
  await build({ ...format, stdin: { contents, resolveDir }, outfile, plugins: [leaveOut] });
  return createRequire(import.meta.url)(outfile);
}

const lacks = (name: string): string => `The bundle lacks ${name}. Remove it from infra/operate/left-out.ts.`;

const USES = `
  const undici = require("undici");
  exports.create = (name) => new undici[name]("ws://127.0.0.1");
  exports.arrow = () => import("apache-arrow");
  exports.open = () => import("open");
`;

test("a part that is left out can be loaded, and fails with its name when it is used", async () => {
  const loaded = await bundled(USES);
  expect(loaded["create"]?.("Agent")).toBeDefined();
  expect(() => loaded["create"]?.("WebSocket")).toThrow(lacks("undici/lib/web/websocket/websocket.js"));
  await expect(loaded["arrow"]?.()).rejects.toThrow(lacks("apache-arrow/Arrow.node.mjs"));
  await expect(loaded["open"]?.()).rejects.toThrow(lacks("open/index.js"));
});

test("a rule for which there is no module fails the build", async () => {
  await expect(bundled('import("apache-arrow");')).rejects.toThrow(
    /left-out\.ts: found no module for \\\/open\\\/, remove it/,
  );
});
