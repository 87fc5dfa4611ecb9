import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ContainerClient } from "@azure/storage-blob";
import { isPackageHash } from "../shared/model/package.ts";
import { BUILD_OPTIONS, buildRelease } from "./build-release.ts";
import { type CommandResult, runCommand } from "./command.ts";
import { formatPublished, listPublished } from "./list-published.ts";
import { namingOption, parseOptions, readFor, required, UsageError } from "./option.ts";
import { openPackages } from "./package-container.ts";
import { parseDescription } from "./package.ts";
import { performPublication, planPublication, type PublishRequest } from "./publish-package.ts";

const USAGE = `Publishes a package: uploads it, then names it in current.json. Each pool gets it, one canary first.

npm run dsc:publish -- --container URL [--release FILE] [--msi FILE] [--cache FOLDER] [--dry-run] [--json]
npm run dsc:publish -- --container URL --package FILE|FOLDER [--dry-run] [--json]
npm run dsc:publish -- --container URL --rollback [N|HASH] [--dry-run] [--json]
npm run dsc:publish -- --container URL --list [--json]

  --container URL     https://ACCOUNT.blob.core.windows.net/CONTAINER
  --release FILE      the release to build and publish (default: dsc/release.json); --msi and --cache as in dsc:build
  --package FILE      publish a built package: <hash>.zip next to <hash>.json, or a folder with one such pair
  --rollback          publish an earlier package: the previous one, the Nth before the current one, or HASH
  --list              list the current package and those that can be rolled back to
  --dry-run           print what would be done, and write nothing`;

const ON_STOP = "npm run dsc:publish -- --container URL --list shows what is published";

await runCommand(USAGE, run, ON_STOP);

async function run(args: string[]): Promise<CommandResult> {
  const [text, flag] = [{ type: "string" }, { type: "boolean" }] as const;
  const own = { container: text, package: text, rollback: flag, list: flag, "dry-run": flag };
  const options = { ...BUILD_OPTIONS, ...own };
  const { values, positionals } = parseOptions({ args, options, allowPositionals: true });
  const url = required(values.container, "--container");
  const isBuild = values.release !== undefined || values.msi !== undefined || values.cache !== undefined;
  if ([isBuild, values.package !== undefined, values.rollback, values.list].filter(Boolean).length > 1) {
    throw new UsageError(
      "expected one of --package, --rollback and --list, or what to build (--release, --msi, --cache)",
    );
  }
  const [back, ...rest] = positionals;
  const strange = values.rollback ? rest[0] : back;
  if (strange !== undefined) throw new UsageError(`'${strange}' is not expected`);
  const container = await openPackages(url);
  if (values.list) {
    const packages = await listPublished(container);
    return { lines: formatPublished(packages), json: { packages } };
  }
  const isDryRun = values["dry-run"] === true;
  if (values.rollback) return publish(container, parseRollback(back), isDryRun);
  const request = values.package === undefined ? await buildRelease(values) : readPackage(values.package);
  return publish(container, request, isDryRun);
}

async function publish(container: ContainerClient, request: PublishRequest, isDryRun: boolean): Promise<CommandResult> {
  const publication = await planPublication(container, request, new Date());
  const { description, manifest, uploads } = publication;
  const next = manifest ? `would write current.json, with ${manifest.previous.length} before it` : "is current already";
  const steps = isDryRun
    ? [...uploads.map(({ name }) => `would upload ${name}, if it is not there`), next]
    : await performPublication(container, publication);
  const { package: hash, exporterVersion } = description;
  return {
    lines: [`package ${hash}, windows_exporter ${exporterVersion}`, ...steps],
    json: { package: hash, exporterVersion, isDryRun, isNews: manifest !== undefined, steps },
  };
}

function parseRollback(text = "1"): PublishRequest {
  if (isPackageHash(text)) return { rollback: text };
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) {
    throw new UsageError(`--rollback: found '${text}', expected a whole number from 1, or a hash of 64 hex digits`);
  }
  return { rollback: count };
}

/** Reads a zip with its description. A folder must contain exactly one zip, because the newest may not be meant. */
function readPackage(path: string): PublishRequest {
  const zips = namingOption("--package", `${path} cannot be read`, () =>
    statSync(path).isDirectory()
      ? readdirSync(path).flatMap((name) => (name.endsWith(".zip") ? [join(path, name)] : []))
      : [path],
  );
  const [zip, ...others] = zips;
  if (zip === undefined) throw new Error(`--package: no zip in ${path}; build one with npm run dsc:build`);
  if (others.length > 0) throw new Error([`--package: more than one zip in ${path}, name one:`, ...zips].join("\n  "));
  const file = zip.replace(/(\.zip)?$/, ".json");
  return {
    bytes: readFor("--package", zip),
    description: parseDescription(readFor("--package", file).toString("utf8"), file),
  };
}
