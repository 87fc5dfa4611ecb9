import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { unzipSync } from "fflate";
import ignore from "ignore";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { APP_ZIP, unpackApp } from "./app-zip.ts";
import { packCopy, run } from "./project-copy.ts";

const ROOT = new URL("../../", import.meta.url);
const ASSETS = process.env["KUBEBUILDER_ASSETS"] ?? "";
const folder = realpathSync(mkdtempSync(join(tmpdir(), "package-")));
const project = join(folder, "a");
const app = join(folder, "app");
beforeAll(() => {
  packCopy(project);
  unpackApp(project, app);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const zipOf = (path: string): Buffer => readFileSync(join(path, APP_ZIP));

/** The output of `load-app.ts`. */
interface Loaded {
  readonly functions: readonly { readonly name: string; readonly bindings: readonly object[] }[];
  readonly atRegistration: readonly string[];
  readonly atInvocation: readonly string[];
  readonly answers: readonly unknown[];
  readonly executed: readonly string[];
  readonly loadError?: string;
}

function load(from: string, name: string, ...settings: readonly string[]): Loaded {
  const here = fileURLToPath(new URL(".", import.meta.url));
  const lines = run(here, ["load-app.ts", from, name, ...settings])
    .trim()
    .split("\n");
  return JSON.parse(lines.at(-1) ?? "");
}

describe("package", () => {
  test("contains only host.json, package.json and dist/, within the size limit", () => {
    const names = Object.keys(unzipSync(zipOf(project)));
    expect(names.filter((name) => !/^dist\/[\w.-]+\.js$/.test(name))).toEqual(["host.json", "package.json"]);
    expect(names).toContain("dist/main.js");
    expect(zipOf(project).length).toBeLessThanOrEqual(1_000_000);
  });

  test("has a package.json with the fields that the host reads, and without dependencies", () => {
    const manifest = JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8"));
    const { name, version } = manifest;
    expect(Object.keys(manifest.dependencies)).not.toEqual([]);
    const deployed: unknown = JSON.parse(readFileSync(join(app, "package.json"), "utf8"));
    expect(deployed).toEqual({ name, version, type: "module", main: "dist/main.js" });
  });

  test("lacks the packages that the Kubernetes client imports for what the app does not use", () => {
    const maps = readdirSync(join(project, "dist-maps")).map((name) => join(project, "dist-maps", name));
    const sources = maps.flatMap((path): readonly string[] => JSON.parse(readFileSync(path, "utf8")).sources);
    const packages = sources.map((source) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1]);
    expect(packages).toEqual(expect.arrayContaining(["@kubernetes/client-node", "undici"]));
    const unused = ["hpagent", "jsonpath-plus", "openid-client", "socks", "tar-stream", "ws"];
    expect(packages.filter((name) => unused.includes(name ?? ""))).toEqual([]);
  });

  test("is identical when built in another folder", () => {
    const other = join(folder, "another", "and deeper", "b");
    packCopy(other);
    expect(zipOf(other).equals(zipOf(project))).toBe(true);
  });

  test.each([
    { path: "host.json", isSent: true },
    { path: "package.json", isSent: true },
    { path: "dist/main.js", isSent: true },
    { path: "dist/blob-1.js", isSent: true },
    { path: "dist/main.js.map", isSent: false },
    { path: "dist-maps/main.js.map", isSent: false },
    { path: "package-lock.json", isSent: false },
    { path: "local.settings.json", isSent: false },
    { path: "shared/host.json", isSent: false },
    { path: "test/world.ts", isSent: false },
    { path: "node_modules/yauzl/package.json", isSent: false },
    { path: ".github/workflows/ci.yml", isSent: false },
    { path: ".vscode/launch.json", isSent: false },
    { path: ".devcontainer/devcontainer.json", isSent: false },
    { path: "new/dist/main.js", isSent: false },
  ])(".funcignore: $path is published: $isSent", ({ path, isSent }) => {
    expect(
      !ignore()
        .add(readFileSync(new URL(".funcignore", ROOT), "utf8"))
        .ignores(path),
    ).toBe(isSent);
  });
});

/** Returns the SDK packages whose code is in one of the app's files, according to its source map. */
function sdksIn(file: string): readonly string[] {
  const map = readFileSync(join(project, file.replace(/^dist\//, "dist-maps/").concat(".map")), "utf8");
  const { sources }: { sources: readonly string[] } = JSON.parse(map);
  return sources.flatMap((source) => /node_modules\/(@(?:azure|kubernetes)\/[^/]+|yauzl)\//.exec(source)?.[1] ?? []);
}

const SDKS = ["arm-compute", "arm-containerservice", "identity", "storage-blob", "client-node"];
const namesOf = (files: readonly string[]): readonly string[] => {
  const found = new Set(files.flatMap((file) => sdksIn(file)).map((name) => name.split("/").at(-1)));
  return SDKS.filter((name) => found.has(name));
};

const HTTP_OUT = { type: "http", direction: "out" };
const EVERY_MINUTE = { type: "timerTrigger", schedule: "0 * * * * *", direction: "in" };
const ARM = ["arm-compute", "arm-containerservice", "identity", "storage-blob"];
const KUBE = ["arm-containerservice", "identity", "storage-blob", "client-node"];
const FUNCTIONS = [
  {
    name: "metrics",
    bindings: [{ type: "httpTrigger", methods: ["GET"], authLevel: "function", direction: "in" }, HTTP_OUT],
    firstCall: ["identity", "storage-blob"],
    answers: [200, expect.stringContaining("# TYPE aks_windows_metrics_build_info gauge")],
  },
  {
    name: "pause",
    bindings: [{ type: "httpTrigger", methods: ["POST"], authLevel: "function", direction: "in" }, HTTP_OUT],
    firstCall: [],
    answers: [400, { error: expect.stringContaining("expected an ISO 8601 duration") }],
  },
  { name: "reconcileTimer", bindings: [EVERY_MINUTE], firstCall: ARM, answers: [202] },
  {
    name: "resync",
    bindings: [{ type: "httpTrigger", methods: ["POST"], authLevel: "function", direction: "in" }, HTTP_OUT],
    firstCall: SDKS,
    answers: [200, expect.objectContaining({ reports: [expect.anything(), expect.anything()] })],
  },
  { name: "scaleSetEvent", bindings: [{ type: "eventGridTrigger", direction: "in" }], firstCall: ARM, answers: [202] },
  { name: "scrapeEndpointsTimer", bindings: [EVERY_MINUTE], firstCall: KUBE, answers: [202] },
  {
    name: "status",
    bindings: [{ type: "httpTrigger", methods: ["GET"], authLevel: "function", direction: "in" }, HTTP_OUT],
    firstCall: ["identity", "storage-blob"],
    answers: [200, expect.objectContaining({ schema: 1, notices: [] })],
  },
];

describe("unpacked package outside the project", () => {
  test.each(FUNCTIONS)(
    "registers its functions without any SDK, and $name loads $firstCall at its first call",
    ({ name, firstCall, answers }) => {
      const loaded = load(app, name);
      expect(loaded.functions).toEqual(
        FUNCTIONS.map(({ name, bindings }) => ({
          name,
          bindings: bindings.map((binding) => expect.objectContaining(binding)),
        })),
      );
      expect({ atRegistration: namesOf(loaded.atRegistration), firstCall: namesOf(loaded.atInvocation) }).toEqual({
        atRegistration: [],
        firstCall,
      });
      expect({ answers: loaded.answers, executed: loaded.executed }).toEqual({
        answers,
        executed: [`Executed 'Functions.${name}' (Succeeded)`],
      });
    },
  );

  test.skipIf(!ASSETS)("lists and publishes the nodes of a real API server (needs KUBEBUILDER_ASSETS)", () => {
    const [status, body] = load(app, "resync", "--assets", ASSETS, "MODE=install").answers;
    const published = {
      flow: "endpoints",
      observed: expect.arrayContaining(["5 Windows nodes"]),
      outcomes: ["apply-endpoint-slice windows-exporter-0: 5 endpoints: done", "apply-endpoints: 5 addresses: done"],
    };
    expect({ status, body }).toMatchObject({ status: 200, body: { reports: [{ flow: "extension" }, published] } });
  });

  test("an entry that throws after it has registered functions leaves no functions, and the error is reported", () => {
    const broken = join(folder, "broken");
    unpackApp(project, broken);
    const main = join(broken, "dist", "main.js");
    writeFileSync(main, `${readFileSync(main, "utf8")};throw new Error("of no use");`);
    expect(load(broken, "status")).toMatchObject({ functions: [], loadError: "of no use", executed: [] });
  });
});

test("npm run trace prints a stack trace of the package with the lines of the sources", () => {
  const [failed = ""] = load(app, "reconcileTimer", "MODE=sometimes").executed;
  expect(failed).toMatch(/ConfigError[^]*dist\/main\.js:\d+:\d+/);
  const log = join(folder, "trace.txt");
  writeFileSync(log, failed);
  const traced = run(project, ["infra/operate/trace.ts", log]);
  expect(traced).not.toContain("dist/main.js");
  const [, source = "", line = "0"] =
    /at (?:readConfig|new ConfigError)[^]*?(shared\/config\/config\.ts):(\d+)/.exec(traced) ?? [];
  expect(readFileSync(new URL(source, ROOT), "utf8").split("\n")[Number(line) - 1]).toContain("ConfigError");
});

test("npm run trace reports a stack trace of another build", () => {
  const log = join(folder, "other.txt");
  writeFileSync(log, "at list (/site/wwwroot/dist/chunk-NONE.js:1:20)\n");
  expect(() => run(project, ["infra/operate/trace.ts", log])).toThrow(/No map of chunk-NONE\.js in dist-maps/);
});
