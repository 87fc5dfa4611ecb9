import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type BuiltTemplates, type Template, buildTemplates } from "./built-templates.ts";

const INFRA = fileURLToPath(new URL("../../infra/", import.meta.url));
const TEMPLATES = readdirSync(INFRA, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".bicep"))
  .toSorted();

/** The rules of this project's own checks: what is shipped must also build with later releases of Bicep. */
const STRICT = new URL("bicepconfig.json", import.meta.url);

let built: BuiltTemplates | undefined;
const allBuilt = (): BuiltTemplates => (built ??= buildTemplates(INFRA, TEMPLATES, { config: STRICT }));

/** Returns main.bicep, compiled with its modules. */
function buildMain(): Template {
  const { compiled, build } = allBuilt();
  const main = compiled.get("main.bicep");
  if (!main) throw new Error(`main.bicep was not built: ${build.diagnostics}`);
  return main;
}

/** Returns the symbolic names of the modules that contain a resource of a type. */
function modulesWith(template: Template, type: string): readonly string[] {
  return Object.entries(template.resources ?? {})
    .filter(([, { properties }]) =>
      Object.values(properties?.template?.resources ?? {}).some((each) => each.type === type),
    )
    .map(([name]) => name);
}

/** Returns all direct and indirect dependencies of a module. */
function awaited(template: Template, name: string): ReadonlySet<string> {
  const found = new Set<string>();
  const follow = (each: string): void => {
    for (const next of template.resources?.[each]?.dependsOn ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      follow(next);
    }
  };
  follow(name);
  return found;
}

/** Returns the parameters without a description, in a template and its modules at any depth. */
function undescribed({ parameters = {}, resources = {} }: Template, path = "main"): readonly string[] {
  return [
    ...Object.entries(parameters).flatMap(([name, { metadata }]) =>
      metadata?.description ? [] : [`${path}: ${name}`],
    ),
    ...Object.entries(resources).flatMap(([name, { properties }]) =>
      properties?.template ? undescribed(properties.template, `${path}/${name}`) : [],
    ),
  ];
}

describe.skipIf(!process.env["BICEP"])("with the Bicep CLI (BICEP)", () => {
  test.each(TEMPLATES)("%s: lint and build report nothing", (template) => {
    const { lint, build, compiled } = allBuilt();
    const lines = [lint, build].flatMap(({ diagnostics }) => diagnostics.split("\n"));
    expect(lines.filter((line) => line.includes(join("infra", template)))).toEqual([]);
    expect([...compiled.keys()]).toContain(template);
  });

  test("lint and build succeed, and report nothing else", () => {
    for (const { status, diagnostics } of [allBuilt().lint, allBuilt().build]) {
      expect({ status, diagnostics }).toEqual({ status: 0, diagnostics: "" });
    }
  });

  test("the shipped configuration builds templates whose api-versions are no longer recent", () => {
    const older = buildTemplates(INFRA, TEMPLATES, { change: (text) => text.replaceAll(/@20\d\d(?=-)/g, "@2023") });
    expect(older.build.status).toBe(0);
    expect([...older.compiled.keys()].toSorted()).toEqual(TEMPLATES);
  });

  test("every parameter of the template and its modules has a description", () => {
    expect(undescribed(buildMain())).toEqual([]);
  });

  test("the site depends on its roles, and each event subscription on the site and the role of its topic", () => {
    const main = buildMain();
    const [site = "", ...sites] = modulesWith(main, "Microsoft.Web/sites");
    const [events = "", ...others] = modulesWith(main, "Microsoft.EventGrid/systemTopics/eventSubscriptions");
    expect([...sites, ...others]).toEqual([]);
    const roles = modulesWith(main, "Microsoft.Authorization/roleAssignments");
    expect(roles.toSorted()).toEqual(["appRoles", "clusterRoles", "deadLetterRoles", "nodeResourceGroupRoles"]);
    expect(awaited(main, site)).toContain("appRoles");
    expect([...awaited(main, events)]).toEqual(expect.arrayContaining(["deadLetterRoles", site]));
  });

  test("every module has a unique name, computed in main.bicep", () => {
    const names = Object.values(buildMain().resources ?? {})
      .filter(({ properties }) => properties?.template)
      .map(({ name = "" }) => name);
    expect(names.filter((name) => !/awm-/.test(name) || /reference\(/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });
});
