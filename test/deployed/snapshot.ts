import { readFileSync } from "node:fs";
import { evaluateTemplate, type TemplateFunctions } from "./template-expression.ts";

/** The resources and outputs that the Bicep CLI predicts for a deployment. */
export interface Snapshot {
  readonly predictedResources: readonly Resource[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** A predicted resource. Values that are known only at runtime are template expressions. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly location?: string;
  readonly identity?: unknown;
  readonly properties?: unknown;
}

/** The snapshots in infra/test. */
export const SNAPSHOTS = ["sandbox", "fleet", "private"] as const;
export type SnapshotName = (typeof SNAPSHOTS)[number];

/** Reads a snapshot. `first-stage` is `sandbox` without event subscriptions. */
export function readSnapshot(name: SnapshotName | "first-stage"): Snapshot {
  return JSON.parse(readFileSync(new URL(`../../infra/test/${name}.snapshot.json`, import.meta.url), "utf8"));
}

/** Returns the resources of a type. Types are not case-sensitive. */
export function resourcesOf({ predictedResources }: Snapshot, type: string): readonly Resource[] {
  return predictedResources.filter((each) => each.type.toLowerCase() === type.toLowerCase());
}

/** Returns the only resource of a type. Throws if there is not exactly one. */
export function onlyResourceOf(snapshot: Snapshot, type: string): Resource {
  const [found, ...more] = resourcesOf(snapshot, type);
  if (!found || more.length > 0) throw new Error(`expected one ${type}, found ${more.length + (found ? 1 : 0)}`);
  return found;
}

/** Returns the runtime properties of a resource by its ID: the result of the template function `reference`. */
export type RuntimeValues = (id: string) => object | undefined;

/** Returns the template functions that remain in a snapshot, because their results are known only at runtime. */
export function functionsOf(valuesOf: RuntimeValues): TemplateFunctions {
  const reference = (id: unknown): object => {
    const values = typeof id === "string" ? valuesOf(id) : undefined;
    if (!values) throw new Error(`the template references ${String(id)}, whose properties are unknown`);
    return values;
  };
  return { reference, format, environment };
}

const format = (pattern: unknown, ...args: readonly unknown[]): string =>
  String(pattern).replaceAll(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)]));

const environment = (): object => ({ suffixes: { storage: "core.windows.net" } });

/** Evaluates the expressions in a string of the snapshot. */
export function textOf(value: unknown, functions: TemplateFunctions): string {
  const text = typeof value === "string" ? evaluateTemplate(value, functions) : value;
  if (typeof text !== "string") throw new Error(`expected a string, found ${JSON.stringify(text)}`);
  return text;
}
