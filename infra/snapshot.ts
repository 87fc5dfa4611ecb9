import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runBicep } from "./bicep.ts";

/**
 * `npm run infra:snapshot` writes what a deployment of each `infra/test/*.bicepparam` would make beside it, as the Bicep
 * CLI predicts it; with `--check` it only compares. Needs `BICEP`.
 */
const INFRA = fileURLToPath(new URL(".", import.meta.url));
/** Fixed, for otherwise every id in a snapshot is an expression. */
const SCOPE = ["--subscription-id", "00000000-0000-4000-8000-000000000001", "--location", "westeurope"];

const fileOf = (infra: string, name: string, ending: string): string => join(infra, "test", `${name}.${ending}`);

/** Has the CLI write or compare; throws with what it said. */
function snapshot(infra: string, name: string, mode: "overwrite" | "validate"): void {
  const run = runBicep(["snapshot", fileOf(infra, name, "bicepparam"), ...SCOPE, "--mode", mode]);
  if (run.status === 0 && run.said === "") return;
  throw new Error(`${name}: bicep snapshot --mode ${mode} ended with ${run.status}\n${run.said}\n${run.output}`);
}

/** The snapshot of parameters, made in a copy of the templates. The CLI gives the outputs in any order. */
function predict(copy: string, name: string): string {
  snapshot(copy, name, "overwrite");
  const { outputs, ...rest }: { outputs: object } = JSON.parse(
    readFileSync(fileOf(copy, name, "snapshot.json"), "utf8"),
  );
  const sorted = Object.entries(outputs).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify({ ...rest, outputs: Object.fromEntries(sorted) }, null, 2)}\n`;
}

/** Whether a snapshot is what the CLI predicts: by the CLI itself, which ignores outputs, and by its text. */
function isUpToDate(name: string, predicted: string): boolean {
  snapshot(INFRA, name, "validate");
  return readFileSync(fileOf(INFRA, name, "snapshot.json"), "utf8").replaceAll("\r\n", "\n") === predicted;
}

const isCheck = process.argv.includes("--check");
const copy = mkdtempSync(join(tmpdir(), "infra-"));
cpSync(INFRA, copy, { recursive: true });
try {
  for (const file of readdirSync(join(INFRA, "test")).filter((each) => each.endsWith(".bicepparam"))) {
    const name = file.replace(/\.bicepparam$/, "");
    const predicted = predict(copy, name);
    if (!isCheck) writeFileSync(fileOf(INFRA, name, "snapshot.json"), predicted);
    else if (!isUpToDate(name, predicted)) throw new Error(`${name}: the outputs have changed`);
    console.log(`${name}: ${isCheck ? "as committed" : "written"}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error("Look at what changed, and if it is wanted: npm run infra:snapshot");
  process.exitCode = 1;
} finally {
  rmSync(copy, { recursive: true });
}
