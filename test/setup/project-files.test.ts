import { readdirSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const NOT_OURS = new Set([".cache", ".git", "dist", "node_modules"]);
/** Extensions of binary files. */
const BINARY = new Set([".msi", ".zip"]);

/** Returns every file of the project, with its path relative to the root. */
function filesUnder(folder: string): readonly string[] {
  return readdirSync(`${ROOT}${folder}`, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = `${folder}${entry.name}`;
    return entry.isDirectory() ? filesUnder(`${path}/`) : [path];
  });
}

/** Returns `file:line` of each matching line in the text files. */
function findLines(files: readonly string[], pattern: RegExp): readonly string[] {
  return files
    .filter((file) => !BINARY.has(extname(file)))
    .flatMap((file) => {
      const lines = readFileSync(`${ROOT}${file}`, "utf8").split("\n");
      return lines.flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : []));
    });
}

test("only .ci/run references files outside the project", () => {
  const outside = ["toolbox", "reference", "data", "hooks", "design\\.md"].map((name) => `shared/${name}\\b`);
  const machine = ["work", "root", "home"].map((name) => `["' (\`]/${name}/`);
  const files = filesUnder("").filter((file) => file !== ".ci/run" && file !== "local.settings.json");
  expect(files).toContain("package.json");
  expect(findLines(files, new RegExp([...outside, ...machine].join("|")))).toEqual([]);
});

test("the app does not import tests", () => {
  const product = [...filesUnder("functions/"), ...filesUnder("shared/")];
  expect(product).toContain("shared/reconcile/reconcile.ts");
  expect(findLines(product, /sandbox|simulator|mock|fake/i)).toEqual([]);
});

test("the lock file has the version and integrity of packages, but no registry", () => {
  const locked = Object.entries(lockedPackages());
  expect(locked.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  expect(locked.filter(([, { integrity, optional }]) => integrity === undefined && !optional)).toEqual([]);
});

// `npm ci` rejects an incomplete lock file. npm omits such packages if the registry does not have them.
test("the lock file includes the optional dependencies of packages for other machines", () => {
  const locked = lockedPackages();
  const names = new Set(Object.keys(locked).map((path) => path.split("node_modules/").at(-1)));
  const wanted = Object.values(locked).flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}));
  expect(wanted).toContain("@oxlint/binding-darwin-arm64");
  expect(wanted.filter((name) => !names.has(name))).toEqual([]);
});

interface LockedPackage {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Returns everything in the lock file but the project itself. */
function lockedPackages(): Readonly<Record<string, LockedPackage>> {
  const { packages }: { packages: Record<string, LockedPackage> } = JSON.parse(
    readFileSync(`${ROOT}package-lock.json`, "utf8"),
  );
  const { "": _project, ...locked } = packages;
  return locked;
}
