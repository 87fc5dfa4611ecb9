import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { anchors } from "../setup/markdown.ts";
import { dashboards } from "./dashboards.ts";
import { checkExpression } from "./expression-faults.ts";
import { KNOWN } from "./known-recordings.ts";
import { alerts } from "./rule-files.ts";

const page = readFileSync(new URL("../../docs/alerts.md", import.meta.url), "utf8");
const sections = page.split(/^## /m).slice(1);

/** Returns what the first line of an alert's section has to say. */
function firstWords({ labels, for: after }: (typeof alerts)[number]): string {
  const [, value = "", unit] = /^(\d+)([mh])$/.exec(after ?? "") ?? [];
  const minutes = Number(value) * (unit === "h" ? 60 : 1);
  return `${labels?.["severity"]}, ${after === undefined ? "at once" : `after ${minutes} minutes`}. `;
}

test("docs/alerts.md has one section for each alert, and no other", () => {
  const titles = sections.map((section) => section.slice(0, section.indexOf("\n")));
  expect(titles.toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted());
});

test.each(alerts)("the section of $alert has its severity and time, what to look at, and what to do", (rule) => {
  const text = sections
    .find((section) => section.startsWith(`${rule.alert}\n`))
    ?.slice(rule.alert.length)
    .trim();
  expect(text?.startsWith(firstWords(rule))).toBe(true);
  expect(text).toMatch(/^- \*\*Look at\*\* \S[\s\S]*^- \*\*Do\*\*:? \S/m);
});

test.each(alerts)("$alert links to a dashboard, and selects there what it is about", ({ annotations, expr }) => {
  const url = new URL(annotations?.["dashboard_url"] ?? "", "https://grafana.example/");
  const dashboard = Object.values(dashboards).find(({ uid }) => url.pathname === `/d/${uid}`);
  const { labels } = checkExpression(expr, KNOWN);
  const selected = (dashboard?.templating.list ?? []).filter(({ name }) => labels?.has(name) && name !== "agentpool");
  const values = selected.map(({ name }): [string, string] => [`var-${name}`, `{{ $labels.${name} }}`]);
  expect(dashboard).toBeDefined();
  expect([...url.searchParams]).toEqual(values);
});

test.each(alerts)("$alert has a severity, a summary, a description, and a runbook that exists", (rule) => {
  expect(["critical", "warning", "info"]).toContain(rule.labels?.["severity"]);
  expect(Object.keys(rule.annotations ?? {})).toEqual(["summary", "description", "runbook_url", "dashboard_url"]);
  const [file, anchor = ""] = rule.annotations?.["runbook_url"]?.split("#") ?? [];
  expect(file).toBe("docs/alerts.md");
  expect(anchor).toBe(rule.alert.toLowerCase());
  expect(anchors(page)).toContain(anchor);
});
