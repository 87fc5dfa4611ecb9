import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { runBicep } from "../../infra/bicep.ts";

const INFRA = fileURLToPath(new URL("../../infra/", import.meta.url));
const TEMPLATES = readdirSync(INFRA, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".bicep"))
  .toSorted();

/** A compiled template with the templates of its modules. */
interface Template {
  readonly parameters?: Readonly<Record<string, { readonly metadata?: { readonly description?: string } }>>;
  readonly resources?: Readonly<Record<string, Declared>>;
}
interface Declared {
  readonly type: string;
  readonly name?: string;
  readonly dependsOn?: readonly string[];
  readonly properties?: { readonly template?: Template };
}

let built: Template | undefined;

/** Builds main.bicep with its modules, once: the CLI takes seconds. */
function buildMain(): Template {
  built ??= JSON.parse(runBicep(["build", join(INFRA, "main.bicep"), "--stdout"]).output) as Template;
  return built;
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
    for (const args of [["lint"], ["build", "--stdout"]]) {
      const { status, diagnostics } = runBicep([...args, join(INFRA, template)]);
      expect({ status, diagnostics }).toEqual({ status: 0, diagnostics: "" });
    }
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
