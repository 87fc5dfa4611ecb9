import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { downloadMsi } from "../../dsc/download-msi.ts";
import { sha256Of } from "../../dsc/package.ts";
import { makeSimulatedMsi } from "../sandbox/simulated-msi.ts";
import { makeFolder } from "./package-fixture.ts";

const msi = makeSimulatedMsi("0.31.8");
const sha256 = sha256Of(msi);
const requests: string[] = [];
const stalled: ServerResponse[] = [];
const answers: Readonly<Record<string, RequestListener>> = {
  "/good": (_, response) => response.writeHead(200, { "content-length": msi.length }).end(msi),
  "/moved": (_, response) => response.writeHead(302, { location: "/good" }).end(),
  "/without-length": (_, response) => response.writeHead(200).end(msi),
  "/other": (_, response) => response.writeHead(200).end(makeSimulatedMsi("0.31.9")),
  "/gone": (_, response) => response.writeHead(404).end(),
  "/cut": (_, response) => {
    response.writeHead(200, { "content-length": msi.length });
    response.write(msi.subarray(0, 1000), () => response.destroy());
  },
  "/stalled": (_, response) => {
    response.writeHead(200, { "content-length": msi.length });
    response.write(msi.subarray(0, 1000));
    stalled.push(response);
  },
  "/endless": (_, response) => {
    response.writeHead(200);
    const chunk = Buffer.alloc(4 * 1024 * 1024);
    const more = (): void => {
      if (!response.destroyed) response.write(chunk, more);
    };
    more();
  },
};
const server = createServer((request, response) => {
  requests.push(request.url ?? "");
  answers[request.url ?? ""]?.(request, response);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const folder = makeFolder();
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

let count = 0;
async function download(path: string, cache = join(folder, String(count++))) {
  const lines: string[] = [];
  const bytes = await downloadMsi(
    { version: "0.31.8", url: `${base}${path}`, sha256 },
    { cache, say: (line) => lines.push(line) },
  );
  return { bytes, lines, cache };
}

test.each(["/good", "/moved", "/without-length"])("caches a download of %s by its hash", async (path) => {
  const { bytes, cache } = await download(path);
  expect(sha256Of(bytes)).toBe(sha256);
  expect(readdirSync(cache)).toEqual([`${sha256}.msi`]);
});

test("reports its progress up to 100 %", async () => {
  const { lines } = await download("/good");
  expect(lines.at(-1)).toBe("downloaded 100 % of 0.3 MiB");
  expect(lines.length).toBeLessThanOrEqual(10);
});

test("uses the cache, unless a cached file does not match its hash", async () => {
  const { cache } = await download("/good");
  const before = requests.length;
  await download("/good", cache);
  expect(requests.length).toBe(before);
  writeFileSync(join(cache, `${sha256}.msi`), "damaged");
  const { bytes } = await download("/good", cache);
  expect(requests.length).toBe(before + 1);
  expect(sha256Of(bytes)).toBe(sha256);
});

test.each([
  ["/other", `has the SHA-256 ${sha256Of(makeSimulatedMsi("0.31.9"))}, expected ${sha256}`],
  ["/gone", "answered 404, expected 200"],
  ["/cut", "not downloaded"],
  ["/endless", "longer than any MSI"],
])("reports the reason and keeps no file if a download of %s fails", async (path, says) => {
  const cache = join(folder, String(count++));
  await expect(download(path, cache)).rejects.toThrow(says);
  expect(readdirSync(cache)).toEqual([]);
});

test("names an unreachable server and an alternative", async () => {
  const exporter = { version: "0.31.8", url: "http://127.0.0.1:1/x.msi", sha256 };
  const cache = join(folder, "none");
  await expect(downloadMsi(exporter, { cache, say: () => {} })).rejects.toThrow(/127\.0\.0\.1:1\/x\.msi.*--msi FILE/);
});

test("removes what a killed download left, and nothing of one that may run", async () => {
  const cache = join(folder, "swept");
  mkdirSync(cache);
  for (const [name, minutes] of [
    ["old.part", 16],
    ["new.part", 14],
    ["old.msi", 16],
  ] as const) {
    writeFileSync(join(cache, name), "");
    const written = Date.now() / 1000 - 60 * minutes;
    utimesSync(join(cache, name), written, written);
  }
  await download("/good", cache);
  expect(readdirSync(cache).toSorted()).toEqual([`${sha256}.msi`, "new.part", "old.msi"].toSorted());
});

test("says every 30 s that a download makes no progress, and finishes it", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const lines: string[] = [];
  const exporter = { version: "0.31.8", url: `${base}/stalled`, sha256 };
  const cache = join(folder, "stalled");
  const bytes = downloadMsi(exporter, { cache, say: (line) => lines.push(line) });
  const arrived = (size: number) =>
    vi.waitUntil(
      () => existsSync(cache) && readdirSync(cache).some((name) => statSync(join(cache, name)).size === size),
    );
  await arrived(1000);
  vi.advanceTimersByTime(29_000);
  stalled[0]?.write(msi.subarray(1000, 2000));
  await arrived(2000);
  vi.advanceTimersByTime(29_000);
  expect(lines).toEqual([]);
  vi.advanceTimersByTime(31_000);
  const url = exporter.url;
  const said = [30, 60].map((seconds) => `${url}: no progress for ${seconds} s; Ctrl-C ends it`);
  expect(lines).toEqual(said);
  stalled[0]?.end(msi.subarray(2000));
  expect(sha256Of(await bytes)).toBe(sha256);
  vi.advanceTimersByTime(90_000);
  expect(lines.slice(2)).toEqual(expect.not.arrayContaining([expect.stringContaining("no progress")]));
  vi.useRealTimers();
});
