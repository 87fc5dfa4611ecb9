import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

/** A rule as Prometheus reads it: an alert or a recording. */
export interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface RuleFile {
  /** `nodes.yaml`. */
  readonly name: string;
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

export const RULES_FOLDER = fileURLToPath(new URL("../../monitoring/rules", import.meta.url));

/** Every rule file of `monitoring/rules`, sorted by name. */
export const ruleFiles: readonly RuleFile[] = globSync("*.yaml", { cwd: RULES_FOLDER })
  .toSorted()
  .map((name) => ({ name, ...parse(readFileSync(path.join(RULES_FOLDER, name), "utf8")) }));

export const rules: readonly Rule[] = ruleFiles.flatMap(({ groups }) => groups.flatMap((group) => group.rules));
export const alerts = rules.flatMap((rule) => (rule.alert === undefined ? [] : [{ ...rule, alert: rule.alert }]));
