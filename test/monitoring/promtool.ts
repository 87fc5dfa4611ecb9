import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { RuleFile } from "./rule-files.ts";

const folder = process.env["PROMETHEUS_DIR"] ?? "";
export const hasPromtool = folder !== "" && existsSync(path.join(folder, "promtool"));

interface Result {
  readonly isSuccess: boolean;
  readonly output: string;
}

/** Runs promtool, and returns whether it succeeded and what it printed. */
export function promtool(...args: readonly string[]): Promise<Result> {
  return run(args, "");
}

/** Checks what a target answers, in the text format of Prometheus; the output is empty if there is nothing to say. */
export function checkMetrics(text: string): Promise<Result> {
  return run(["check", "metrics"], text);
}

function run(args: readonly string[], input: string): Promise<Result> {
  return new Promise((resolve) => {
    const program = execFile(path.join(folder, "promtool"), args, (error, stdout, stderr) => {
      resolve({ isSuccess: error === null, output: stdout + stderr });
    });
    program.stdin?.end(input);
  });
}

/** What Prometheus scraped, and which alerts fire then. */
export interface RuleCase {
  /** The alert that the case is about. */
  readonly alert: string;
  readonly name: string;
  /** Series by their text, with promtool's notation of values: one each minute from minute 0. */
  readonly series: Readonly<Record<string, string>>;
  /** The labels of all firing alerts by minute, without severity, `job` and `instance`. */
  readonly firing: Readonly<Record<number, readonly string[]>>;
}

/** What an expression has to return at a minute: series by their labels, each with the value 1. */
export interface Query {
  readonly expr: string;
  readonly minute: number;
  readonly expected: readonly string[];
}

/** Series from a time on, and what is asked of them while the rules are evaluated each minute. */
export interface RuleTest extends Pick<RuleCase, "name" | "series"> {
  readonly queries: readonly Query[];
  /** Minute 0 in milliseconds since 1970, which is the default. */
  readonly start?: number;
}

/** Returns the expression of alerts in a state, now or at any time in a range such as `[60m]`, as `RuleCase` has them. */
export function alertsIn(state: "pending" | "firing", range = ""): string {
  const selector = `ALERTS{alertstate="${state}"}${range}`;
  const series = range === "" ? selector : `max_over_time(${selector})`;
  return `sum without (alertstate, severity, instance, job) (${series})`;
}

const strip = (text: string): string => text.replaceAll(/cluster="[^"]*",?/g, "");

/** Returns the case in a Prometheus whose series have no label `cluster`. */
export function withoutCluster({ series, firing, ...rest }: RuleCase): RuleCase {
  return {
    ...rest,
    series: Object.fromEntries(Object.entries(series).map(([name, values]) => [strip(name), values])),
    firing: Object.fromEntries(Object.entries(firing).map(([minute, found]) => [minute, found.map(strip)])),
  };
}

/** Runs cases on rule files with `promtool test rules`; the output names what is expected and what was found. */
export function testRules(files: readonly RuleFile[], cases: readonly RuleCase[]): Promise<Result> {
  const tests = cases.map(({ name, series, firing }): RuleTest => {
    const queries = Object.entries(firing).map(([minute, expected]) => ({ minute: Number(minute), expected }));
    return { name, series, queries: queries.map((query) => ({ ...query, expr: alertsIn("firing") })) };
  });
  return runTests(files, tests);
}

/** Runs tests on rule files, in the engine and the rule manager of Prometheus. */
export async function runTests(files: readonly RuleFile[], tests: readonly RuleTest[]): Promise<Result> {
  const home = await mkdtemp(path.join(tmpdir(), "rules-"));
  try {
    await mkdir(path.join(home, "rules"));
    for (const { name, ...content } of files) await writeFile(path.join(home, "rules", name), JSON.stringify(content));
    const test = path.join(home, "test.json");
    await writeFile(test, JSON.stringify(testFile(files, tests)));
    return await promtool("test", "rules", test);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

const isOfRecords = (group: string): boolean => group.endsWith(".records");

function testFile(files: readonly RuleFile[], tests: readonly RuleTest[]): object {
  const groups = files.flatMap((file) => file.groups.map(({ name }) => name));
  return {
    rule_files: files.map(({ name }) => `rules/${name}`),
    evaluation_interval: "1m",
    // Within an evaluation, recordings first: an alert then sees what was scraped in the same minute.
    group_eval_order: [...groups.filter(isOfRecords), ...groups.filter((each) => !isOfRecords(each))],
    tests: tests.map(({ name, series, queries, start = 0 }) => ({
      name,
      interval: "1m",
      start_timestamp: new Date(start).toISOString(),
      input_series: Object.entries(series).map(([text, values]) => ({ series: text, values })),
      promql_expr_test: queries.map(({ expr, minute, expected }) => ({
        expr,
        eval_time: `${minute}m`,
        exp_samples: expected.map((labels) => ({ labels, value: 1 })),
      })),
    })),
  };
}
