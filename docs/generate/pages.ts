import { readFileSync, writeFileSync } from "node:fs";
import { DASHBOARD_FILES } from "../../monitoring/dashboards/files.ts";
import { metricsPage } from "./metrics-page.ts";
import { permissionsPage } from "./permissions-page.ts";
import { prometheusPage } from "./prometheus-page.ts";
import { PROMETHEUS_RULES } from "./prometheus-rules.ts";
import { sandboxPage } from "./sandbox-page.ts";
import { settingsPage } from "./settings-page.ts";
import { statusSchema } from "./status-schema.ts";
import { troubleshootingPage } from "./troubleshooting-page.ts";

/**
 * `npm run pages` writes the pages of docs/ that are made from tables of the project, the dashboards and the
 * PrometheusRules; with `--check` it only compares.
 */

const PAGES: Readonly<Record<string, () => string>> = {
  ...DASHBOARD_FILES,
  ...PROMETHEUS_RULES,
  "docs/metrics.md": metricsPage,
  "docs/permissions.md": permissionsPage,
  "docs/sandbox.md": sandboxPage,
  "docs/prometheus.md": prometheusPage,
  "docs/settings.md": settingsPage,
  "docs/status.schema.json": statusSchema,
  "docs/troubleshooting.md": troubleshootingPage,
};

/** The pages that do not say what the code says, by their path; `read` is for a page's present text. */
export function outdatedPages(read: (path: string) => string = readPage): readonly string[] {
  return Object.entries(PAGES).flatMap(([path, render]) =>
    read(path).replaceAll("\r\n", "\n") === render() ? [] : [path],
  );
}

/** A page's text; none where it is missing. */
export function readPage(path: string): string {
  try {
    return readFileSync(urlOf(path), "utf8");
  } catch {
    return "";
  }
}

function urlOf(path: string): URL {
  return new URL(`../../${path}`, import.meta.url);
}

if (import.meta.main) {
  if (process.argv.includes("--check")) {
    for (const path of outdatedPages()) {
      console.error(`${path} is not what its tables say: run \`npm run pages\`.`);
      process.exitCode = 1;
    }
  } else {
    for (const [path, render] of Object.entries(PAGES)) writeFileSync(urlOf(path), render());
  }
}
