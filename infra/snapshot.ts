import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { byText } from "../shared/model/order.ts";
import { runBicep } from "./bicep.ts";

/**
 * `npm run infra:snapshot` writes a snapshot next to each `infra/test/*.bicepparam`: the resources that the Bicep CLI
 * predicts for a deployment. With `--check` it only compares. Requires `BICEP`.
 */
const INFRA = fileURLToPath(new URL(".", import.meta.url));
/** The rules, which a module of the templates reads by their place beside `infra`. */
const RULES = "monitoring/rules";
/** Without a fixed scope, all resource IDs in a snapshot would be expressions. */
const SCOPE = ["--subscription-id", "00000000-0000-4000-8000-000000000001", "--location", "westeurope"];

const fileOf = (infra: string, name: string, ending: string): string => join(infra, "test", `${name}.${ending}`);

/** Runs `bicep snapshot`. Throws with its output if it fails or reports diagnostics. */
function snapshot(infra: string, name: string, mode: "overwrite" | "validate"): void {
  const run = runBicep(["snapshot", fileOf(infra, name, "bicepparam"), ...SCOPE, "--mode", mode]);
  if (run.status === 0 && run.diagnostics === "") return;
  throw new Error(
    `${name}: bicep snapshot --mode ${mode} failed with exit code ${run.status}\n${run.diagnostics}\n${run.output}`,
  );
}

/** Creates a snapshot in a copy of the templates. Sorts the outputs, whose order varies between runs of the CLI. */
function predict(copy: string, name: string): string {
  snapshot(copy, name, "overwrite");
  const { outputs, ...rest }: { outputs: object } = JSON.parse(
    readFileSync(fileOf(copy, name, "snapshot.json"), "utf8"),
  );
  const sorted = Object.entries(outputs).toSorted(byText(([key]) => key));
  return `${JSON.stringify({ ...rest, outputs: Object.fromEntries(sorted) }, null, 2)}\n`;
}

/** Compares a snapshot with the prediction: with the CLI, which ignores outputs, and as text. */
function isUpToDate(name: string, predicted: string): boolean {
  snapshot(INFRA, name, "validate");
  return readFileSync(fileOf(INFRA, name, "snapshot.json"), "utf8").replaceAll("\r\n", "\n") === predicted;
}

const isCheck = process.argv.includes("--check");
const copies = mkdtempSync(join(tmpdir(), "infra-"));
const copy = join(copies, "infra");
cpSync(INFRA, copy, { recursive: true });
cpSync(join(INFRA, "..", RULES), join(copies, RULES), { recursive: true });
try {
  for (const file of readdirSync(join(INFRA, "test")).filter((each) => each.endsWith(".bicepparam"))) {
    const name = file.replace(/\.bicepparam$/, "");
    const predicted = predict(copy, name);
    if (!isCheck) writeFileSync(fileOf(INFRA, name, "snapshot.json"), predicted);
    else if (!isUpToDate(name, predicted)) throw new Error(`${name}: the outputs differ from the snapshot`);
    console.log(`${name}: ${isCheck ? "up to date" : "written"}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error("Review the change. If it is intended, update the snapshots: npm run infra:snapshot");
  process.exitCode = 1;
} finally {
  rmSync(copies, { recursive: true });
}
