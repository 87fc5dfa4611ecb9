import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ExtensionResult } from "./arm/extensions.ts";
import { createDscHandler } from "./dsc-extension.ts";

const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.url ?? "");
  const good = request.url === "/p.zip?sig=ok";
  const status = good || request.url?.startsWith("/page") ? 200 : 403;
  response.writeHead(status).end(good ? "PK-package" : "<html>");
});
let origin = "";

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
});
afterAll(() => server.close());

async function run(configuration: object, configurationUrlSasToken = ""): Promise<ExtensionResult> {
  const instance = { scaleSet: "s", id: "0", vmId: "v" };
  const settings = { configuration };
  const handler = createDscHandler({ durationMs: 1 });
  return handler.run({
    publisher: "P",
    type: "T",
    settings,
    protectedSettings: { configurationUrlSasToken },
    instance,
  });
}

const rest = { script: "a.ps1", function: "A" };

test("installs what it downloads by link and token", async () => {
  expect(await run({ url: `${origin}/p.zip`, ...rest }, "?sig=ok")).toMatchObject({
    ok: true,
    message: "DSC configuration was applied successfully.",
    installed: createHash("sha256").update("PK-package").digest("hex"),
  });
});

test("tries a refused link twice and prints it, secret included", async () => {
  asked.length = 0;
  const { ok, message } = await run({ url: `${origin}/p.zip`, ...rest }, "?sig=old");
  expect([ok, asked.length]).toEqual([false, 2]);
  expect(message).toContain(`Error downloading ${origin}/p.zip?sig=old after 2 attempts: 403`);
});

test("a page saved as a zip is code 1004", async () => {
  const result = await run({ url: `${origin}/page.zip`, ...rest });
  expect(result).toMatchObject({
    ok: false,
    code: 1004,
    message: expect.stringContaining("Error unpacking 'page.zip'"),
  });
});

test.each([
  [{ url: "not a link", ...rest }, "", "This is not a valid URL"],
  [{ url: "https://a.example/p.zip", function: "A" }, "", "requires that settings.configuration.script is specified"],
  [
    { url: "https://a.example/p.zip", script: "a.ps1" },
    "",
    "requires that settings.configuration.function is specified",
  ],
  [rest, "", "settings.configuration.script requires that settings.configuration.url is specified"],
  [rest, "?sig=x", "protectedSettings.ConfigurationUrlSasToken requires"],
])("%o: code 1100", async (configuration, sas, message) => {
  expect(await run(configuration, sas)).toMatchObject({
    ok: false,
    code: 1100,
    message: expect.stringContaining(message),
  });
});
