import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { parse } from "yaml";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const canRun = process.platform !== "win32" && existsSync(path.join(ROOT, ".git"));
const out = mkdtempSync(path.join(tmpdir(), "archive-"));
afterAll(() => rmSync(out, { recursive: true }));

interface Kustomization {
  readonly resources?: readonly string[];
  readonly configMapGenerator?: readonly { readonly files: readonly string[] }[];
}

/** Returns what a kustomization names that is not there. */
function missingIn(file: string): readonly string[] {
  const { resources = [], configMapGenerator = [] }: Kustomization = parse(readFileSync(file, "utf8"));
  const files = configMapGenerator.flatMap((each) => each.files.map((entry) => entry.replace(/^.*=/, "")));
  return [...resources, ...files].filter((name) => !existsSync(path.join(path.dirname(file), name)));
}

test.skipIf(!canRun)("the archive of a release has rules, dashboards and manifests that find each other", () => {
  const workflow = readFileSync(path.join(ROOT, ".github/workflows/release.yml"), "utf8");
  const [command = ""] = /git archive [\s\S]*?LICENSE\n/.exec(workflow) ?? [];
  execFileSync("bash", ["-c", command.replace(".cache/release", "$OUT")], {
    cwd: ROOT,
    env: { ...process.env, TAG: "v1", OUT: out },
  });
  const name = "aks-windows-metrics-monitoring-v1";
  execFileSync("tar", ["-xzf", `${name}.tar.gz`], { cwd: out });
  const folder = path.join(out, name);
  const has = (where: string): readonly string[] => readdirSync(path.join(folder, where)).toSorted();
  expect(has("monitoring/dashboards")).toEqual(["fleet.json", "kustomization.yaml", "node.json"]);
  expect(has("monitoring/rules")).toEqual(readdirSync(path.join(ROOT, "monitoring/rules")).toSorted());
  const kustomizations = globSync("**/kustomization.yaml", { cwd: folder }).map((each) => path.join(folder, each));
  expect(kustomizations.length).toBeGreaterThan(4);
  expect(kustomizations.flatMap(missingIn)).toEqual([]);
});
