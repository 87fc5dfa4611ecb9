import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const pwsh = process.env["PWSH"] ?? "";
const MODULE = fileURLToPath(new URL("../../dsc/AksWindowsMetrics/", import.meta.url));

const ANSWERS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "/text": (response) => response.end("caf\u00E9\nwindows_exporter 1\n"),
  "/refused": (response) => response.writeHead(503).end("busy"),
  "/silent": () => {},
  "/stuck": (response) => response.write("the beginning"),
  "/endless": (response) => {
    const chunk = Buffer.alloc(1024 * 1024);
    const write = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on("drain", write);
    write();
  },
};
const server = createServer((request, response) => ANSWERS[request.url ?? ""]?.(response));

/** Reads the URLs with the module's function, one process for all; returns `text|…` or `error|…|seconds` for each. */
async function readAll(urls: readonly string[]): Promise<readonly string[]> {
  const files = ["Failure", "Time", "Http"].map((part) => `. '${MODULE}${part}.ps1'; `).join("");
  const read = urls.map(
    (url) =>
      `$began = Get-MonotonicTime; try { 'text|' + (Read-HttpText -Uri '${url}' -Seconds 2) } ` +
      "catch { 'error|' + $_.Exception.Message + '|' + [int]((Get-MonotonicTime) - $began) }; '=='; ",
  );
  const command = `$ErrorActionPreference = 'Stop'; ${files}${read.join("")}`;
  const { stdout } = await promisify(execFile)(pwsh, ["-NoProfile", "-NonInteractive", "-Command", command]);
  return stdout.split(/\r?\n==\r?\n/).slice(0, -1);
}

describe.skipIf(pwsh === "")("reading a response (needs PWSH)", () => {
  const answers = new Map<string, string>();

  beforeAll(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const origin = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
    const paths = Object.keys(ANSWERS);
    const found = await readAll([...paths.map((path) => `${origin}${path}`), "http://127.0.0.1:1/closed"]);
    for (const [index, path] of [...paths, "/closed"].entries()) answers.set(path, found[index] ?? "");
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test("returns its text", () => {
    expect(answers.get("/text")).toBe("text|caf\u00E9\nwindows_exporter 1\n");
  });

  test.each([
    ["/refused", /^error\|.*503.*\|\d$/],
    ["/silent", /^error\|.*\|[123]$/],
    ["/stuck", /^error\|aks-windows-metrics cause=node: The response did not end within 2 s\.\|[23]$/],
    [
      "/endless",
      /^error\|aks-windows-metrics cause=(?:package: The response has more than 64 MiB|node: .*)\.\|[0123]$/,
    ],
    ["/closed", /^error\|.*\|\d$/],
  ])("fails in time for %s", (path, says) => {
    expect(answers.get(path)).toMatch(says);
  });
});
