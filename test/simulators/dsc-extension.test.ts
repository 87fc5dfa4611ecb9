import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { zipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { failureCause, isSuccessText, parseEvidence } from "../../shared/extension/run-result.ts";
import type { ExtensionResult } from "./arm/extensions.ts";
import type { HandlerFailure } from "./arm/scripted-failures.ts";
import { createDscHandler } from "./dsc-extension.ts";

const zipOf = (name: string, text = "Configuration A { }"): Buffer =>
  Buffer.from(zipSync({ [name]: Buffer.from(text) }));
const PACKAGE = zipOf("a.ps1");
const REAL = readFileSync(new URL("../../dsc/WindowsExporter.ps1", import.meta.url), "utf8");
const BODIES: Readonly<Record<string, Buffer>> = {
  "/p.zip?sig=ok": PACKAGE,
  "/real.zip": zipOf("a.ps1", REAL),
  "/folded.zip": zipOf("A.PS1"),
  "/wrapped.zip": zipOf("folder/a.ps1"),
  "/cut.zip": PACKAGE.subarray(0, -10),
  "/page.zip": Buffer.from("<html>"),
};
const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.url ?? "");
  const body = BODIES[request.url ?? ""];
  response.writeHead(body ? 200 : 403).end(body);
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
  return handle({ configuration }, { configurationUrlSasToken });
}

async function handle(settings: object, protectedSettings = {}, failure?: HandlerFailure): Promise<ExtensionResult> {
  const instance = { scaleSet: "s", id: "0", vmId: "v" };
  const handler = createDscHandler({ durationMs: 1 });
  return handler.run({ publisher: "P", type: "T", settings, protectedSettings, instance, ...(failure && { failure }) });
}

const rest = { script: "a.ps1", function: "A" };

test("installs the package that it downloads from the URL with the SAS token", async () => {
  expect(await run({ url: `${origin}/p.zip`, ...rest }, "?sig=ok")).toMatchObject({
    ok: true,
    message: "DSC configuration was applied successfully.",
    installed: createHash("sha256").update(PACKAGE).digest("hex"),
  });
});

test("tries a rejected link twice and reports it with its secret", async () => {
  asked.length = 0;
  const { ok, message } = await run({ url: `${origin}/p.zip`, ...rest }, "?sig=old");
  expect([ok, asked.length]).toEqual([false, 2]);
  expect(message).toContain(`Error downloading ${origin}/p.zip?sig=old after 2 attempts: 403`);
});

test.each(["page", "cut"])("reports code 1004 for a file that is not a zip: %s", async (name) => {
  const result = await run({ url: `${origin}/${name}.zip`, ...rest });
  expect(result).toMatchObject({
    ok: false,
    code: 1004,
    message: expect.stringContaining(`Error unpacking '${name}.zip'`),
  });
});

test("finds the script only at the root of the zip, with its name in any case", async () => {
  expect(await run({ url: `${origin}/folded.zip`, ...rest })).toMatchObject({ ok: true });
  expect(await run({ url: `${origin}/wrapped.zip`, ...rest })).toMatchObject({ ok: false, code: 1000 });
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
])("reports code 1100 for %o", async (configuration, sas, message) => {
  expect(await run(configuration, sas)).toMatchObject({
    ok: false,
    code: 1100,
    message: expect.stringContaining(message),
  });
});

const HASH = "0123456789abcdef".repeat(4);
const ARGS = { Package: HASH, Marker: "a38a127805e28223", MsiSha256: HASH, Version: "0.31.8" };
const apply = (configurationArguments: object, name = "real"): Promise<ExtensionResult> =>
  handle({ configuration: { url: `${origin}/${name}.zip`, ...rest }, configurationArguments });

test.each([
  [{}, "ok"],
  [{ Ensure: "Present", Port: 9182 }, "ok"],
  [{ Ensure: "Absent" }, "absent"],
])("writes the evidence into a long log: %o", async (added, metrics) => {
  const { message, log = "", installed } = await apply({ ...ARGS, ...added });
  expect(installed === "").toBe(metrics === "absent");
  expect(isSuccessText(message)).toBe(true);
  expect(log.split("\r\n").length).toBeGreaterThan(30);
  expect(parseEvidence([log])).toEqual({ package: HASH, marker: ARGS.Marker, metrics });
});

test("writes no evidence without a package and its marker", async () => {
  const { ok, log = "" } = await apply({}, "folded");
  expect([ok, parseEvidence([log])]).toEqual([true, undefined]);
});

test.each([
  ["no argument", {}, "missing mandatory parameters: Package Marker MsiSha256 Version."],
  ["no marker", { ...ARGS, Marker: undefined }, "missing mandatory parameters: Marker."],
  ["an argument that is not a parameter", { ...ARGS, Colour: "blue" }, "matches parameter name 'Colour'."],
])("refuses a configuration as the engine does: %s", async (_what, args, message) => {
  const result = await apply(JSON.parse(JSON.stringify(args)));
  expect(result).toMatchObject({ ok: false, code: 1000, message: expect.stringContaining(message) });
  expect(failureCause(result.message)).toBe("package");
});

test.each([
  ["package", "package"],
  ["not-healthy", "package"],
  ["node", "node"],
  ["installer-busy", "installer-busy"],
  ["download", "download"],
] as const)("reports the scripted failure %s so that the app reads the cause %s", async (failure, cause) => {
  const settings = { configuration: { url: `${origin}/p.zip`, ...rest }, configurationArguments: ARGS };
  const { ok, message, log } = await handle(settings, {}, failure);
  expect([ok, failureCause(message), isSuccessText(message)]).toEqual([false, cause, false]);
  expect(parseEvidence([log ?? ""])).toBeUndefined();
});
