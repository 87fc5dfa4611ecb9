import { readFileSync } from "node:fs";
import { evaluateTemplate, type TemplateFunctions } from "./template-expression.ts";

/** What a template's deployment would make, as the Bicep CLI predicts it. */
export interface Snapshot {
  readonly predictedResources: readonly Resource[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** One resource; what only Azure knows stands in it as a template's expression. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly location?: string;
  readonly identity?: unknown;
  readonly properties?: unknown;
}

/** The snapshots that are kept beside their parameters. */
export const SNAPSHOTS = ["sandbox", "fleet", "private"] as const;
export type SnapshotName = (typeof SNAPSHOTS)[number];

/** Reads a snapshot; `first-stage` is `sandbox` before its event subscriptions. */
export function readSnapshot(name: SnapshotName | "first-stage"): Snapshot {
  return JSON.parse(readFileSync(new URL(`../../infra/test/${name}.snapshot.json`, import.meta.url), "utf8"));
}

/** The resources of one type; Azure compares types without case. */
export function resourcesOf({ predictedResources }: Snapshot, type: string): readonly Resource[] {
  return predictedResources.filter((each) => each.type.toLowerCase() === type.toLowerCase());
}

/** The one resource of a type that a deployment has. */
export function onlyResourceOf(snapshot: Snapshot, type: string): Resource {
  const [found, ...more] = resourcesOf(snapshot, type);
  if (!found || more.length > 0) throw new Error(`expected one ${type}, found ${more.length + (found ? 1 : 0)}`);
  return found;
}

/** What a resource says of itself once it is there, by its id; `reference(id, version, 'full')` gives the whole. */
export type RuntimeValues = (id: string) => object | undefined;

/** The functions that are left in a snapshot: those of which only Azure knows the answer. */
export function functionsOf(valuesOf: RuntimeValues): TemplateFunctions {
  const reference = (id: unknown): object => {
    const values = typeof id === "string" ? valuesOf(id) : undefined;
    if (!values) throw new Error(`the template asks for what is not known of ${String(id)}`);
    return values;
  };
  return { reference, format, environment };
}

const format = (pattern: unknown, ...args: readonly unknown[]): string =>
  String(pattern).replaceAll(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)]));

const environment = (): object => ({ suffixes: { storage: "core.windows.net" } });

/** A text of the snapshot with its expressions worked out. */
export function textOf(value: unknown, functions: TemplateFunctions): string {
  const text = typeof value === "string" ? evaluateTemplate(value, functions) : value;
  if (typeof text !== "string") throw new Error(`expected a text, found ${JSON.stringify(text)}`);
  return text;
}
