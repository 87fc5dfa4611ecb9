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

/** A template as the CLI builds it, with the templates of its modules in it. */
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

/** main.bicep with all its modules in it; the CLI takes seconds, and is asked once. */
function buildMain(): Template {
  built ??= JSON.parse(runBicep(["build", join(INFRA, "main.bicep"), "--stdout"]).output) as Template;
  return built;
}

/** The symbolic names of the modules in which resources of a type are. */
function modulesWith(template: Template, type: string): readonly string[] {
  return Object.entries(template.resources ?? {})
    .filter(([, { properties }]) =>
      Object.values(properties?.template?.resources ?? {}).some((each) => each.type === type),
    )
    .map(([name]) => name);
}

/** Everything that a module waits for, however many others are between. */
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

/** The parameters of a template and of its modules, at any depth, that nobody has described. */
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
  test.each(TEMPLATES)("%s: lint and build have nothing to say", (template) => {
    for (const args of [["lint"], ["build", "--stdout"]]) {
      const { status, diagnostics } = runBicep([...args, join(INFRA, template)]);
      expect({ status, diagnostics }).toEqual({ status: 0, diagnostics: "" });
    }
  });

  test("every parameter is described, modules' too", () => {
    expect(undescribed(buildMain())).toEqual([]);
  });

  test("the site waits for the roles of its identity, and each event subscription for its topic's role and the site", () => {
    const main = buildMain();
    const [site = "", ...sites] = modulesWith(main, "Microsoft.Web/sites");
    const [events = "", ...others] = modulesWith(main, "Microsoft.EventGrid/systemTopics/eventSubscriptions");
    expect([...sites, ...others]).toEqual([]);
    const roles = modulesWith(main, "Microsoft.Authorization/roleAssignments");
    expect(roles.toSorted()).toEqual(["appRoles", "clusterRoles", "deadLetterRoles", "nodeResourceGroupRoles"]);
    expect(awaited(main, site)).toContain("appRoles");
    expect([...awaited(main, events)]).toEqual(expect.arrayContaining(["deadLetterRoles", site]));
  });

  test("every module has a name of its own, computed in main.bicep", () => {
    const names = Object.values(buildMain().resources ?? {})
      .filter(({ properties }) => properties?.template)
      .map(({ name = "" }) => name);
    expect(names.filter((name) => !/awm-/.test(name) || /reference\(/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });
});
