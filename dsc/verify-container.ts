import type { ContainerClient } from "@azure/storage-blob";
import type { PackageHash } from "../shared/model/package.ts";
import { type Check, inspectPackage } from "./inspect-package.ts";
import { CURRENT, OversizedBlob, readBlob, readCurrent } from "./package-container.ts";
import { isSameDescription, type PackageDescription, parseDescription, parsePublished } from "./package.ts";

/** The result of a check of one package or of `current.json`. */
export interface PublishedCheck extends Check {
  readonly of: string;
}

/** Downloads and checks everything that is published. Throws if the container cannot be read. */
export async function verifyContainer(
  container: ContainerClient,
  signal: AbortSignal,
): Promise<readonly PublishedCheck[]> {
  const what = "names packages as the app reads them";
  const current = await readCurrent(container);
  if (!current) return [{ of: CURRENT, what, problem: `${CURRENT} is missing in the container; publish a package` }];
  const manifest = attempt(() => parsePublished(current.text));
  if (typeof manifest === "string") return [{ of: CURRENT, what, problem: `${manifest}; see dsc:publish --list` }];
  const checks: PublishedCheck[] = [{ of: CURRENT, what }];
  checks.push(...(await verifyPackage(container, { hash: manifest.package, named: manifest, signal })));
  for (const hash of manifest.previous) {
    const all = await verifyPackage(container, { hash, named: undefined, signal });
    const failed = all.filter(({ problem }) => problem !== undefined);
    checks.push(...(failed.length > 0 ? failed : [{ of: hash, what: "can be rolled back to" }]));
  }
  return checks;
}

/** Returns one line per check; failed checks include the problem. */
export function formatChecks(checks: readonly PublishedCheck[]): readonly string[] {
  return checks.map(({ of, what, problem }) => {
    const line = `${problem === undefined ? "ok  " : "FAIL"}  ${of.slice(0, 12)}  ${what}`;
    return problem === undefined ? line : `${line}: ${problem}`;
  });
}

async function verifyPackage(
  container: ContainerClient,
  {
    hash,
    named,
    signal,
  }: { readonly hash: PackageHash; readonly named: PackageDescription | undefined; readonly signal: AbortSignal },
): Promise<readonly PublishedCheck[]> {
  const label = (check: Check): PublishedCheck => ({ of: hash, ...check });
  const missing = (name: string): PublishedCheck =>
    label({
      what: `has its ${name}`,
      problem: `${hash}.${name} is missing in the container; build and publish it again`,
    });
  const zip = await readOrFind(container, `${hash}.zip`);
  if (typeof zip === "string") return [label({ what: "has the size of a package", problem: zip })];
  const json = await readBlob(container, `${hash}.json`);
  if (!zip) return [missing("zip")];
  if (!json) return [missing("json")];
  const description = attempt(() => parseDescription(json.toString("utf8"), `${hash}.json`));
  if (typeof description === "string") return [label({ what: "is described", problem: description })];
  const checks = [
    ...(await inspectPackage(zip, { ...description, package: hash }, signal)),
    toCheck("description is this package's", description.package === hash, `${hash}.json is of ${description.package}`),
    ...(named
      ? [
          toCheck(
            `${CURRENT} says what the description says`,
            isSameDescription(named, description),
            "they differ; publish it again",
          ),
        ]
      : []),
  ];
  return checks.map(label);
}

function toCheck(what: string, holds: boolean, problem: string): Check {
  return holds ? { what } : { what, problem };
}

/** Returns a blob's content, or a problem as text. */
async function readOrFind(container: ContainerClient, name: string): Promise<Buffer | string | undefined> {
  try {
    return await readBlob(container, name);
  } catch (error) {
    if (error instanceof OversizedBlob) return error.message;
    throw error;
  }
}

/** Returns the error's message instead of a value, because the error is a finding of the check. */
function attempt<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
