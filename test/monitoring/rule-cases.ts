import { APP_CASES } from "./app-cases.ts";
import { COVERAGE_CASES } from "./coverage-cases.ts";
import { NODE_CASES } from "./node-cases.ts";
import type { RuleCase } from "./promtool.ts";

/** Every case of every alert. */
export const CASES: readonly RuleCase[] = [...COVERAGE_CASES, ...NODE_CASES, ...APP_CASES];
