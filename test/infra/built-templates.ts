import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BicepRun, runBicep } from "../../infra/bicep.ts";

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

/** Lints and builds templates of a folder. The CLI runs twice in all: its start takes longer than its work. */
export function buildTemplates(folder: string, templates: readonly string[]): BuiltTemplates {
  const out = mkdtempSync(join(tmpdir(), "templates-"));
  try {
    const all = ["--pattern", `${folder}**/*.bicep`];
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
