import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BicepRun, runBicep } from "../../infra/bicep.ts";
import { RULES_FOLDER } from "../monitoring/rule-files.ts";

/** A compiled template with the templates of its modules. */
export interface Template {
  readonly parameters?: Readonly<Record<string, { readonly metadata?: { readonly description?: string } }>>;
  readonly resources?: Readonly<Record<string, Declared>>;
}
interface Declared {
  readonly type: string;
  readonly name?: string;
  readonly dependsOn?: readonly string[];
  readonly properties?: { readonly template?: Template };
}

export interface BuiltTemplates {
  readonly lint: BicepRun;
  readonly build: BicepRun;
  /** The compiled templates, by the path of the source. */
  readonly compiled: ReadonlyMap<string, Template>;
}

/** What differs from the shipped templates: another configuration, or each template's text. */
interface Variant {
  readonly config?: URL;
  readonly change?: (text: string) => string;
}

/**
 * Lints and builds a copy of the templates of a folder. The CLI runs twice in all: its start takes longer than its work.
 */
export function buildTemplates(
  folder: string,
  templates: readonly string[],
  { config, change = (text) => text }: Variant = {},
): BuiltTemplates {
  const out = mkdtempSync(join(tmpdir(), "templates-"));
  const copy = join(out, "infra");
  try {
    cpSync(folder, copy, { recursive: true });
    // A module reads them by their place beside the templates.
    cpSync(RULES_FOLDER, join(out, "monitoring", "rules"), { recursive: true });
    if (config) cpSync(config, join(copy, "bicepconfig.json"));
    for (const path of templates) writeFileSync(join(copy, path), change(readFileSync(join(copy, path), "utf8")));
    const all = ["--pattern", `${copy}/**/*.bicep`];
    const [lint, build] = [runBicep(["lint", ...all]), runBicep(["build", ...all, "--outdir", out])];
    const compiled = new Map(templates.flatMap((path) => readBuilt(path, join(out, path.replace(/bicep$/, "json")))));
    return { lint, build, compiled };
  } finally {
    rmSync(out, { recursive: true });
  }
}

function readBuilt(path: string, file: string): readonly (readonly [string, Template])[] {
  try {
    const template: Template = JSON.parse(readFileSync(file, "utf8"));
    return [[path, template]];
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
