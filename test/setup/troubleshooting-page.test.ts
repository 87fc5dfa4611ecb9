import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { troubleshootingPage } from "../../docs/generate/troubleshooting-page.ts";
import { SECTIONS_IN_ORDER } from "../../docs/generate/troubleshooting-sections.ts";
import type { Reason } from "../../shared/model/reason.ts";
import { REASONS } from "../../shared/report/describe.ts";
import { LEVEL_OF } from "../../shared/report/levels.ts";
import { REMEDIES, REMEDIES_OF_STATES } from "../../shared/report/remedies.ts";
import type { RemedyEntry } from "../../shared/report/remedy-entry.ts";

const lines = troubleshootingPage().split("\n");
const reasons = Object.keys(REMEDIES) as Reason[];

function cells({ text, command, heals }: RemedyEntry): string {
  return `${text}${command ? " (command)" : ""} | ${heals ? "yes" : "no"}`;
}

test("each reason is in exactly one section", () => {
  const listed = SECTIONS_IN_ORDER.flatMap((section) => section.reasons);
  expect(listed.toSorted()).toEqual(reasons.toSorted());
});

test.each(reasons)("%s has one row with the text that the app reports", (reason) => {
  const row = `| \`${reason}\` | ${REASONS[reason]} | ${cells(REMEDIES[reason])} |`;
  expect(lines.filter((line) => line === row)).toHaveLength(1);
});

test("each state is in exactly one level, and a state without a reason has a remedy", () => {
  const levels = lines.filter((line) => /^\| (trouble|waiting|working|well) \|/.test(line)).join();
  for (const state of Object.keys(LEVEL_OF)) expect(levels.split(`\`${state}\``)).toHaveLength(2);
  for (const [state, entry] of Object.entries(REMEDIES_OF_STATES)) {
    expect(lines).toContain(`| \`${state}\` | ${cells(entry)} |`);
  }
});

// Planners and the module's contract contain their reasons as string literals; types and reports contain all of them.
test("a planner, a policy or a pass uses each reason", () => {
  const sources = sourcesOf(["extension/", "endpoints/", "reconcile/"]);
  const isGiven = (reason: string): boolean => sources.includes(`"${reason.replace(/^cause-/, "")}"`);
  expect(reasons.filter((reason) => !isGiven(reason))).toEqual([]);
});

/** Returns the text of every file of `shared/` whose path starts with one of these. */
function sourcesOf(paths: readonly string[]): string {
  const shared = fileURLToPath(new URL("../../shared/", import.meta.url));
  return readdirSync(shared, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => /\.ts$|contract\.json$/.test(path) && paths.some((each) => path.startsWith(each)))
    .map((path) => readFileSync(`${shared}${path}`, "utf8"))
    .join("\n");
}
