import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { PAGE_HEADERS, renderPage } from "../../../shared/report/page/page.ts";
import { NODE_WORDS } from "../../../shared/report/page/words.ts";
import { NODE_STATES } from "../../../shared/report/status.ts";
import { ago, buildCluster, buildNode, buildPool, buildProblem, buildStatus } from "./build-status.ts";
import { PAGES } from "./pages.ts";
import { attributesOf, headingsOf, words } from "./read-page.ts";

const ALL = Object.entries(PAGES).map(([name, text]) => ({ name, text }));
const oneNode = (over: Parameters<typeof buildNode>[1]) =>
  renderPage(buildStatus([buildCluster([buildPool("win1", 0, [buildNode("akswin1000000", over)])])]));
const withProblem = (over: Parameters<typeof buildProblem>[1]) =>
  renderPage(buildStatus([buildCluster([buildPool("win1", 40)], { problems: [buildProblem("It is broken", over)] })]));

const problemOf = (text: string) => words(text).slice(words(text).indexOf("It is broken"));

describe("safety", () => {
  test("hostile texts are text, in elements and attributes", () => {
    expect(PAGES.hostile).toContain(
      "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&lt;img src=x onerror=&#39;a&amp;b&#39;&gt;",
    );
    expect(PAGES.hostile).not.toMatch(/<(script|img)\b|<b>\/managedclusters/);
  });

  test.each(ALL)("$name has only known tags, none of which loads or runs anything", ({ text }) => {
    const tags = new Set([...text.matchAll(/<([a-z0-9]+)/g)].map(([, tag]) => tag));
    const own =
      "html head meta title style body header main nav section footer h1 h2 h3 h4 p b bdi a ul ol li div span time " +
      "table thead tbody tr th td details summary pre code";
    expect(own.split(" ")).toEqual(expect.arrayContaining([...tags]));
    expect(text).not.toMatch(/url\(|@import/i);
    expect(text.replaceAll(/"[^"]*"/g, '""')).not.toMatch(/<[^>]*\s(on\w+|src|style)=/i);
  });

  test.each(ALL)(
    "$name links only to its own elements and, without a referrer, to the portal and Grafana",
    ({ text }) => {
      const ids = attributesOf(text, "id");
      expect(new Set(ids).size).toBe(ids.length);
      const own = new Set(ids.map((id) => `<a href="#${id}"`));
      const outside =
        /^<a href="https:\/\/(portal\.azure\.com\/#@\/resource|grafana\.example\/d)\/[^"<> ]*" rel="noreferrer"$/;
      const links = [...text.matchAll(/<a\s[^>]*/g)].map(([tag]) =>
        tag
          .replaceAll(/\s+/g, " ")
          .replaceAll(/ class="[a-z]+"| (aria-label|title)=.*$/g, "")
          .trim(),
      );
      expect(links.filter((link) => !own.has(link) && !outside.test(link))).toEqual([]);
    },
  );

  test("a cluster links to its dashboard, without a referrer, if it has one", () => {
    const dashboard = `https://grafana.example/d/aks-windows-fleet?var-cluster=a%2Fb&x="><b>`;
    const text = renderPage(buildStatus([buildCluster([], { dashboard }), buildCluster([])]));
    const [link, ...more] = text.match(/<a\s[^>]*grafana[^>]*>/g) ?? [];
    expect(link).toContain(
      'href="https://grafana.example/d/aks-windows-fleet?var-cluster=a%2Fb&amp;x=&quot;&gt;&lt;b&gt;"',
    );
    expect(link).toContain('rel="noreferrer"');
    expect(more).toEqual([]);
  });

  test("the policy allows the page's style and nothing else", () => {
    const [, style = ""] = /<style>(.*)<\/style>/s.exec(PAGES.trouble) ?? [];
    const hash = createHash("sha256").update(style).digest("base64");
    expect(PAGE_HEADERS["content-security-policy"]).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
  });
});

describe("title", () => {
  const unneeded = [buildNode("a", { state: "excluded" }), buildNode("b", { state: "not-running" })];

  test.each([
    { title: "3 of 28 without metrics", text: PAGES.trouble },
    { title: "28 of 28 with metrics", text: PAGES["all-well"] },
    { title: "Needs an operator, 10 of 10 with metrics", text: PAGES.overdue },
    { title: "no nodes seen", text: PAGES["no-pass-yet"] },
    { title: "2 settings are wrong", text: PAGES["bad-settings"] },
    { title: "3 of 66 without metrics", text: PAGES.several },
    { title: "1 node, metrics not known yet", text: oneNode({ published: { state: "unknown" } }) },
    {
      title: "1 of 1 with metrics",
      text: renderPage(buildStatus([buildCluster([buildPool("win1", 1, unneeded)])])),
    },
  ])("is $title", ({ title, text }) => {
    expect(text).toContain(`<title>${title} · aks-windows-metrics</title>`);
  });
});

describe("order", () => {
  test("a cluster has its headline, problems, timeline, nodes, passes and details", () => {
    expect(headingsOf(PAGES.hostile).slice(0, 11)).toEqual([
      "h1 aks-windows-metrics",
      expect.stringMatching(/^h2 n{200}/),
      "h3 Needs an operator",
      expect.stringMatching(/^h4 /),
      expect.stringMatching(/^h4 /),
      expect.stringMatching(/^h4 /),
      "h3 Timeline (UTC)",
      "h3 Nodes",
      "h3 Passes",
      "h3 Details",
      expect.stringMatching(/^h2 /),
    ]);
  });

  test("what needs an operator comes before what waits", () => {
    const headings = headingsOf(PAGES.trouble);
    expect(headings.indexOf("h3 Needs an operator")).toBeLessThan(headings.indexOf("h3 Waits"));
  });

  test("clusters are listed by level, each with a link to its section", () => {
    const overview = words(PAGES.several).match(/(Needs an operator|All well) (atelier|shop)/g);
    expect(overview).toEqual(["Needs an operator atelier", "Needs an operator shop", "All well shop"]);
    expect(headingsOf(PAGES.several).filter((each) => each.startsWith("h2"))).toEqual([
      "h2 All 10 Windows nodes have metrics",
      "h2 3 of 28 Windows nodes have no metrics",
      "h2 All 28 Windows nodes have metrics",
    ]);
    expect(attributesOf(PAGES.several, "href").slice(0, 3)).toEqual(["#c0", "#c1", "#c2"]);
    expect(PAGES.trouble).not.toContain("<nav");
  });
});

describe("nodes", () => {
  test("each state has its own word and sign", () => {
    const all = NODE_STATES.map((state) => NODE_WORDS[state]);
    expect(new Set(all.map(({ word }) => word)).size).toBe(all.length);
    expect(new Set(all.map(({ sign }) => sign)).size).toBe(all.length);
  });

  test("a tile names its node, and leads to the node's row", () => {
    const [, id] = /href="#(\w+)" aria-label="akswin1000008: waits for AKS"/.exec(PAGES.trouble) ?? [];
    const row = PAGES.trouble.slice(PAGES.trouble.indexOf(`id="${id}"`));
    expect(words(row)).toMatch(
      /^akswin1000008 waits for AKS AKS replaced it 6 min ago and .* 6 min ago 10.240.0.12:9182, not ready/,
    );
  });

  test("a tile has the color of the node's level; nodes that need no exporter are apart", () => {
    expect(oneNode({ state: "waiting-for-aks", level: "trouble" })).toContain('<a class="trouble" href="#c0p0n0"');
    expect(oneNode({ state: "excluded" })).toContain('<a class="apart" href="#c0p0n0"');
  });

  test("counts are in the order of attention", () => {
    expect(words(PAGES.trouble)).toContain("! 1 failed A 1 waits for AKS … 1 installing ✓ 25 covered");
  });

  test("several nodes in one state are counted in the plural", () => {
    const two = ["a", "b"].map((name) => buildNode(name, { state: "waiting-for-aks" }));
    const text = words(renderPage(buildStatus([buildCluster([buildPool("win1", 0, two)])])));
    expect(text).toContain("A 2 wait for AKS");
    expect(text).toContain("win1 2 wait for AKS");
  });

  test("nodes of no known pool have a heading", () => {
    const text = words(renderPage(buildStatus([buildCluster([buildPool("", 1)])])));
    expect(text).toContain("unknown pool 1 node");
    expect(text).toContain("unknown pool 1 covered");
  });

  test("a row has the package's first 8 digits and the next try", () => {
    expect(words(oneNode({}))).toContain("akswin1000000 covered 1 h 50 min ago 10.240.0.5:9182, ready bbbbbbbb");
    expect(words(oneNode({ state: "failed", message: "It broke.", nextTryAt: ago(-38) }))).toContain(
      "failed It broke. Next try in 38 min.",
    );
  });

  test("a pool is open where something is not well, with the other nodes folded", () => {
    expect(PAGES["all-well"]).not.toContain(" open>");
    const pools = PAGES.trouble.slice(PAGES.trouble.indexOf(">Nodes<"));
    expect(words(pools)).toMatch(
      /^Nodes win2 1 failed, 17 covered Node .* akswin200000h failed .* 17 more nodes Node /,
    );
  });
});

describe("problems", () => {
  test("a problem has since when, the next try, whether it heals, why, its nodes and its remedy", () => {
    const remedy = { text: "Mend it:" };
    const text = withProblem({ message: "Why.", nextTryAt: ago(-38), nodes: ["akswin1000000", "other"], remedy });
    expect(problemOf(text)).toMatch(
      /^It is broken since 11:38 UTC, 22 min ago · next try in 38 min · does not heal by itself Why. 2 nodes: akswin1000000, other Mend it: /,
    );
    expect(text).toMatch(/<a href="#c0p0n0"><bdi>akswin1000000<\/bdi>/);
  });

  test("a problem that heals by itself says so", () => {
    const waits = withProblem({ healsItself: true, level: "waiting" });
    expect(problemOf(waits)).toContain("22 min ago · heals by itself");
    expect(problemOf(withProblem({ healsItself: true }))).toContain("22 min ago · may heal by itself");
  });

  test("a command can be copied as it stands", () => {
    const command = `curl -X POST "https://a.example/?b=1&c=2" \\\n  -H 'x: $KEY'`;
    const [, code = ""] =
      /<pre><code>(.*)<\/code><\/pre>/s.exec(withProblem({ remedy: { text: "Run:", command } })) ?? [];
    const entities = new Map([
      ["&amp;", "&"],
      ["&quot;", '"'],
      ["&#39;", "'"],
    ]);
    expect(code.replaceAll(/&#?\w+;/g, (entity) => entities.get(entity) ?? entity)).toBe(command);
  });
});
