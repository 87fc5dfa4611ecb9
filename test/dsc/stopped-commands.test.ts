import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { ContainerClient } from "@azure/storage-blob";
import { afterAll, expect, test, vi } from "vitest";
import { readCurrent } from "../../dsc/package-container.ts";
import { performPublication, planPublication } from "../../dsc/publish-package.ts";
import { writeSimulatedRelease } from "../sandbox/simulated-msi.ts";
import { listen, openGate } from "./gate.ts";
import { buildSmall, makeFolder, openStorage, runDsc } from "./package-fixture.ts";

const storage = await openStorage();
const folder = makeFolder();
const { release, msi } = writeSimulatedRelease(folder, "0.31.8");

// Answers with the beginning of the installer, and then with nothing.
let arrived: () => void = () => {};
const server = createServer((_, response) => {
  response.writeHead(200).write(readFileSync(msi).subarray(0, 1000), () => arrived());
});
const stalling = join(folder, "stalling.json");
writeFileSync(
  stalling,
  readFileSync(release, "utf8").replace(/"url": "[^"]+"/, `"url": "${await listen(server)}/x.msi"`),
);

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await storage.stop();
  rmSync(folder, { recursive: true });
});

test.each([
  ["SIGINT", 130, "build"],
  ["SIGTERM", 143, "build"],
  ["SIGHUP", 129, "build"],
  ["SIGINT", 130, "publish"],
] as const)("%s ends a download with %i, and leaves no file (%s)", async (signal, code, command) => {
  const [cache, out] = [join(folder, `cache-${signal}-${command}`), join(folder, "out")];
  const where = command === "build" ? ["--out", out] : ["--container", `${storage.url}/stopped`];
  const args = ["--release", stalling, "--cache", cache, ...where];
  const stopped = await runDsc(command, args, storage.env, (child) => {
    arrived = () => {
      // The file exists from the first bytes on.
      const timer = setInterval(() => {
        if (!readdirSync(cache).some((name) => name.endsWith(".part"))) return;
        clearInterval(timer);
        child.kill(signal);
      }, 10);
    };
  });
  expect(stopped).toMatchObject({ code, out: "", error: expect.stringContaining(`stopped by ${signal}: `) });
  expect(readdirSync(cache)).toEqual([]);
  expect(readdirSync(folder)).not.toContain("out");
});

const publishing = (url: string, name: string): readonly string[] => [
  "--container",
  `${url}/${name}`,
  "--release",
  release,
  "--msi",
  msi,
];

test("Ctrl-C before current.json is written publishes nothing, and the same command then publishes", async () => {
  const container = await storage.open("interrupted");
  const gate = await openGate(storage, 2);
  const stopped = await runDsc("publish", publishing(gate.url, "interrupted"), storage.env, (child) => {
    void gate.held.then(() => child.kill("SIGINT"));
  });
  expect(stopped).toMatchObject({
    code: 130,
    out: "",
    error: expect.stringContaining("--list shows what is published"),
  });
  expect(await readCurrent(container)).toBeUndefined();
  gate.close();
  expect(await storage.run("publish", publishing(storage.url, "interrupted"))).toMatchObject({
    code: 0,
    out: expect.stringMatching(/\nfound [0-9a-f]{64}\.zip\nfound [0-9a-f]{64}\.json\nwrote current\.json\n$/),
  });
});

test("says every 30 s that the storage account makes no progress", async () => {
  const plan = await planPublication(await storage.open("slow"), await buildSmall("msi"), new Date());
  const gate = await openGate(storage, 2);
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const done = performPublication(new ContainerClient(`${gate.url}/slow`, storage.credential), plan);
  await gate.held;
  vi.advanceTimersByTime(29_000);
  expect(written).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1000);
  expect(written.mock.calls).toEqual([["writing current.json: no progress for 30 s; Ctrl-C ends it\n"]]);
  gate.release();
  expect(await done).toContain("wrote current.json");
  written.mockRestore();
  vi.useRealTimers();
  gate.close();
});
