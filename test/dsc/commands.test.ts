import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readCurrent } from "../../dsc/package-container.ts";
import { parsePublished } from "../../dsc/package.ts";
import { writeSimulatedRelease } from "../sandbox/simulated-msi.ts";
import { listen, openGate } from "./gate.ts";
import { makeFolder, openStorage, runDsc } from "./package-fixture.ts";

const storage = await openStorage();
const folder = makeFolder();
afterAll(async () => {
  await storage.stop();
  rmSync(folder, { recursive: true });
});

/** Builds a version's package with the command; returns its hash and folder. */
async function build(version: string): Promise<{ readonly hash: string; readonly out: string }> {
  const { release, msi } = writeSimulatedRelease(folder, version);
  const out = join(folder, `out-${version}`);
  const built = await runDsc("build", ["--release", release, "--msi", msi, "--out", out]);
  expect(built).toMatchObject({ code: 0 });
  return { hash: built.out.split("\n")[0] ?? "", out };
}

const [a, b] = await Promise.all([build("0.31.8"), build("0.31.9")]);

async function currentOf(name: string): Promise<string> {
  const current = await readCurrent(await storage.open(name));
  return parsePublished(current?.text ?? "").package;
}

test("publishes two packages, rolls back, lists and verifies with an operator's commands", async () => {
  await storage.open("story");
  const container = ["--container", `${storage.url}/story`];
  const publish = (...args: readonly string[]) => storage.run("publish", [...container, ...args]);

  expect(await publish("--package", a.out)).toMatchObject({
    code: 0,
    out: expect.stringContaining("wrote current.json"),
  });
  expect(await publish("--package", join(b.out, `${b.hash}.zip`), "--dry-run")).toMatchObject({ code: 0 });
  expect(await currentOf("story")).toBe(a.hash);
  expect(await publish("--package", join(b.out, `${b.hash}.zip`))).toMatchObject({ code: 0 });
  expect(await currentOf("story")).toBe(b.hash);
  expect(await publish("--rollback")).toMatchObject({ code: 0 });
  expect(await currentOf("story")).toBe(a.hash);
  const again = await publish("--rollback", a.hash);
  expect(again).toMatchObject({ code: 0, out: expect.stringContaining("nothing to publish") });
  expect(await publish("--list")).toMatchObject({
    code: 0,
    out: `0  ${a.hash}  windows_exporter 0.31.8\n1  ${b.hash}  windows_exporter 0.31.9\n`,
  });
  const verified = await storage.run("verify", container);
  expect(verified).toMatchObject({ code: 0 });
  expect(verified.out).not.toContain("FAIL");
});

test("publish without --package builds the release as dsc:build does, and publishes it", async () => {
  await storage.open("plain");
  const { release, msi } = writeSimulatedRelease(folder, "0.31.8");
  const container = ["--container", `${storage.url}/plain`];
  const publish = (...args: readonly string[]) => storage.run("publish", [...container, ...args]);
  const given = ["--release", release, "--msi", msi];
  expect(await publish(...given, "--dry-run")).toMatchObject({ code: 0, out: expect.stringContaining(a.hash) });
  expect(await publish(...given)).toMatchObject({ code: 0, out: expect.stringContaining("wrote current.json") });
  expect(await currentOf("plain")).toBe(a.hash);
  expect(await publish(...given, "--rollback")).toMatchObject({ code: 2, error: expect.stringContaining("--release") });
  // The download fails because nothing listens at its URL, so nothing is published.
  const download = await publish("--cache", join(folder, "cache"), "--release", unreachable());
  expect(download).toMatchObject({ code: 3, error: expect.stringMatching(/127\.0\.0\.1:1\/x\.msi.*--msi FILE/) });
  expect(await currentOf("plain")).toBe(a.hash);
});

/** Returns a release file whose MSI cannot be downloaded. */
function unreachable(): string {
  const { release } = writeSimulatedRelease(folder, "0.31.8");
  const file = join(folder, "unreachable.json");
  writeFileSync(file, readFileSync(release, "utf8").replace(/"url": "[^"]+"/, '"url": "http://127.0.0.1:1/x.msi"'));
  return file;
}

test("verify exits with 1 if a check fails", async () => {
  await storage.open("unpublished");
  const verified = await storage.run("verify", ["--container", `${storage.url}/unpublished`]);
  expect(verified).toMatchObject({ code: 1, out: expect.stringContaining("FAIL  current.json") });
});

test.each([
  ["a missing container", 1, `${storage.url}/nowhere`, "there is no such container"],
  ["a link instead of a URL", 2, `${storage.url}/story?sv=1&sig=s3cret`, "--container: expected https://"],
  ["a URL without TLS", 2, "http://127.0.0.1:1/account/story", "--container: expected https://"],
  ["an account without a container", 2, "https://account.blob.core.windows.net", "--container: expected https://"],
  ["a host without a server", 3, "https://127.0.0.1:1/account/story", "was not reached"],
])("publish fails with a clear error for %s, and exits with %i", async (_, code, url, says) => {
  const result = await storage.run("publish", ["--container", url, "--list"]);
  expect(result).toMatchObject({ code, error: expect.stringContaining(says) });
  expect(result.error).not.toContain("s3cret");
});

test("publish names the missing role of an identity", async () => {
  const server = createSecureServer(storage.certificate, (_, response) => {
    response.writeHead(403, { "x-ms-error-code": "AuthorizationPermissionMismatch" }).end();
  });
  const url = await listen(server);
  const result = await storage.run("publish", ["--container", `${url}/account/packages`, "--list"]);
  expect(result).toMatchObject({ code: 3, error: expect.stringContaining("Storage Blob Data Contributor") });
  server.close();
});

test("publish asks for az login if no identity is signed in", async () => {
  const identity = createServer((_, response) => response.writeHead(400).end("{}"));
  const url = await listen(identity);
  const result = await storage.run("publish", ["--container", `${storage.url}/story`, "--list"], {
    IDENTITY_ENDPOINT: `${url}/token`,
    PATH: "",
  });
  expect(result).toMatchObject({ code: 3, error: expect.stringContaining("az login") });
  identity.close();
});

test("exactly one of two concurrent publishers succeeds, and the other exits with 1", async () => {
  await storage.open("race");
  const gate = await openGate(storage, 2);
  const container = ["--container", `${gate.url}/race`];
  const results = await Promise.all([a, b].map(({ out }) => storage.run("publish", [...container, "--package", out])));
  gate.close();
  expect(results.reduce((sum, { code }) => sum + code, 0)).toBe(1);
  const [winner, loser] = results[0]?.code === 0 ? [a, results[1]] : [b, results[0]];
  expect(loser?.error).toMatch(/another publisher changed current\.json.*--list/);
  expect(await currentOf("race")).toBe(winner.hash);
  expect(await storage.run("verify", ["--container", `${storage.url}/race`])).toMatchObject({ code: 0 });
});
