import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { Ajv, type AnySchema } from "ajv";
import { describe, expect, test } from "vitest";
import { dashboards, type ReadDashboard } from "./dashboards.ts";

const file = path.join(process.env["MONITORING_DATA"] ?? "", "grafana-dashboard.schema.json");
const all = Object.entries(dashboards).map(([name, dashboard]) => ({ name, dashboard }));
const fleet = dashboards["fleet"] as ReadDashboard;

interface Definition {
  readonly properties: Record<string, AnySchema>;
}

/** The schema, in which what Grafana accepts of any type is written as an object: the two that overrides have are so here. */
function readSchema(): AnySchema {
  const schema: { definitions: Record<string, Definition> } = JSON.parse(readFileSync(file, "utf8"));
  const { MatcherConfig, DynamicConfigValue } = schema.definitions;
  if (MatcherConfig) MatcherConfig.properties["options"] = true;
  if (DynamicConfigValue) DynamicConfigValue.properties["value"] = true;
  return schema;
}

/** What the values of the properties of overrides have to be. */
const VALUES: Readonly<Record<string, AnySchema>> = {
  unit: { type: "string" },
  decimals: { type: "integer" },
  color: { $ref: "grafana#/definitions/FieldColor" },
  thresholds: { $ref: "grafana#/definitions/ThresholdsConfig" },
  mappings: { type: "array", items: { $ref: "grafana#/definitions/ValueMapping" } },
  links: {
    type: "array",
    items: { type: "object", required: ["title", "url"], additionalProperties: { type: "string" } },
  },
  "custom.width": { type: "integer" },
  "custom.hidden": { type: "boolean" },
  "custom.cellOptions": { type: "object", required: ["type"] },
};

describe.skipIf(!existsSync(file))("Grafana's schema (needs MONITORING_DATA)", () => {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  if (existsSync(file)) ajv.addSchema(readSchema(), "grafana");
  const validate = (dashboard: unknown): readonly string[] => {
    const isValid = ajv.validate("grafana", dashboard);
    return isValid ? [] : (ajv.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };

  test.each(all)("accepts the dashboard $name", ({ dashboard }) => {
    expect(validate(dashboard)).toEqual([]);
  });

  test.each([
    { what: "a wrong type", dashboard: { ...fleet, editable: "no" } },
    { what: "a misspelt property", dashboard: { ...fleet, templates: [] } },
  ])("refuses $what", ({ dashboard }) => {
    expect(validate(dashboard)).not.toEqual([]);
  });

  test.each(all)("accepts the values of every override of $name", ({ dashboard }) => {
    const overrides = dashboard.panels.flatMap(({ fieldConfig }) => fieldConfig?.overrides ?? []);
    const faults = overrides.flatMap(({ properties }) =>
      properties.filter(({ id, value }) => !ajv.validate(VALUES[id] ?? false, value)),
    );
    expect(overrides.length).toBeGreaterThan(0);
    expect(faults).toEqual([]);
  });
});
