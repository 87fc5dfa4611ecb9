import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readSnapshot, resourcesOf } from "../deployed/snapshot.ts";

interface Logging {
  readonly logLevel: Readonly<Record<string, string>>;
  readonly applicationInsights: { readonly samplingSettings: { readonly excludedTypes: string } };
}

interface LogAlert {
  readonly criteria: { readonly allOf: readonly { readonly query: string }[] };
}

const { logging }: { logging: Logging } = JSON.parse(readFileSync(new URL("../../host.json", import.meta.url), "utf8"));

/** The minimum level of a log category: that of its longest prefix, as .NET chooses it. */
function levelOf(category: string): string | undefined {
  const prefixes = Object.keys(logging.logLevel).filter((key) => key === "default" || category.startsWith(key));
  const longest = prefixes.toSorted((a, b) => lengthOf(b) - lengthOf(a))[0];
  return longest && logging.logLevel[longest];
}

const lengthOf = (prefix: string): number => (prefix === "default" ? 0 : prefix.length);

describe("the log levels of host.json", () => {
  test.each([
    { category: "Function.reconcileTimer.User", level: "Information", has: "the app's own log lines" },
    { category: "Function.reconcileTimer", level: "Information", has: "the start and the end of each call" },
    { category: "Host.Results", level: "Information", has: "requests" },
    // At Information, ASP.NET writes four lines for each rejected call. Without a rule, the host drops these lines.
    { category: "Microsoft.AspNetCore.Routing.EndpointMiddleware", level: undefined, has: "ASP.NET's own lines" },
  ])("$category, which has $has: $level", ({ category, level }) => {
    expect(levelOf(category)).toBe(level);
  });
});

/** The type of telemetry that Application Insights keeps in a table. */
const TYPES: Readonly<Record<string, string>> = { requests: "Request", exceptions: "Exception", traces: "Trace" };

describe("sampling", () => {
  const excluded = logging.applicationInsights.samplingSettings.excludedTypes.split(";");
  const rules = resourcesOf(readSnapshot("sandbox"), "Microsoft.Insights/scheduledQueryRules");
  const queries = rules.flatMap(({ properties }) => (properties as LogAlert).criteria.allOf.map(({ query }) => query));

  test("drops nothing that an alert counts", () => {
    const types = queries.map((query) => TYPES[query.split(" | ")[0] ?? ""]);
    expect(types.length).toBeGreaterThan(0);
    expect(types.filter((type) => type === undefined || !excluded.includes(type))).toEqual([]);
  });

  test("drops no log line and no failure", () => {
    expect(excluded).toEqual(expect.arrayContaining(["Trace", "Exception"]));
  });
});
