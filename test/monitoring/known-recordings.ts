import { checkExpression } from "./expression-faults.ts";
import { type KnownMetrics, SCRAPED } from "./known-metrics.ts";
import { type Rule, ruleFiles } from "./rule-files.ts";

/** The rules but those for other projects' dashboards. */
export const own: readonly Rule[] = ruleFiles
  .filter(({ name }) => name !== "compat.yaml")
  .flatMap(({ groups }) => groups.flatMap((group) => group.rules));
/** What is scraped and recorded. A recording has no other recording in it, and none of compat.yaml may be used. */
const recorded = own
  .filter(({ record }) => record !== undefined)
  .map(({ record = "", expr }): [string, { type: "gauge"; labels: readonly string[] }] => [
    record,
    { type: "gauge", labels: [...(checkExpression(expr, SCRAPED).labels ?? [])] },
  ]);
export const KNOWN: KnownMetrics = new Map([...SCRAPED.entries(), ...new Map(recorded).entries()] as const);
