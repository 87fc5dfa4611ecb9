import { describe, expect, test } from "vitest";
import { commandFaults } from "./command-faults.ts";
import { pageFaults } from "./page-faults.ts";
import { plantTree } from "./planted-tree.ts";
import { type ProjectTree, readProjectTree } from "./project-tree.ts";

const PROJECT = readProjectTree();
const PAGES = PROJECT.paths
  .values()
  .filter((path) => path.endsWith(".md"))
  .toArray()
  .toSorted();

test("checks the pages of all folders", () => {
  expect(PAGES).toEqual(expect.arrayContaining(["CONTRIBUTING.md", "README.md", "docs/release.md"]));
  expect(PAGES.filter((path) => /node_modules|\.cache/.test(path))).toEqual([]);
});

test.each(PAGES)("%s has only valid links and commands", (path) => {
  expect(pageFaults(path, PROJECT)).toEqual([]);
});

test("files that Git ignores can be missing, because commands create them", () => {
  expect(commandFaults("node dist/main.js && node .cache/x.ts && node ../x.ts", PROJECT)).toEqual([
    "../x.ts does not exist",
  ]);
});

describe("page in docs/", () => {
  test.each([
    { page: "[a](missing.md)", fault: "docs/missing.md does not exist" },
    { page: "[a](../docs/guide)", fault: "docs/guide does not exist" },
    { page: "[a](Guide.md)", fault: "docs/Guide.md does not exist" },
    { page: "[a](../../outside.md)", fault: "../outside.md does not exist" },
    { page: "[a](../.cache/app.zip)", fault: ".cache/app.zip does not exist" },
    { page: "[a](guide.md#three)", fault: "docs/guide.md has no heading #three" },
    { page: "[a](#nowhere)", fault: "docs/page.md has no heading #nowhere" },
    { page: "[text that\ngoes on](missing.md)", fault: "docs/missing.md does not exist" },
    { page: '[a](missing.md "title")', fault: "docs/missing.md does not exist" },
    { page: "![a](missing.png)", fault: "docs/missing.png does not exist" },
    { page: "[a][b]\n\n[b]: missing.md", fault: "docs/missing.md does not exist" },
    { page: '<img src="missing.svg">', fault: "docs/missing.svg does not exist" },
    { page: "`code` and [a](missing.md) and `code`", fault: "docs/missing.md does not exist" },
    { page: sh("npm run publish"), fault: "package.json has no script publish" },
    { page: sh("npm run --silent publish -- --flag"), fault: "package.json has no script publish" },
    { page: sh("npm ci && npm start"), fault: "package.json has no script start" },
    { page: sh("npx --no-install gadget x"), fault: "no package in package-lock.json has a program gadget" },
    { page: sh("node missing.ts --once"), fault: "missing.ts does not exist" },
    { page: sh("NAME=value node --no-warnings missing.ts"), fault: "missing.ts does not exist" },
    { page: sh("cd x; bash ./missing.sh"), fault: "missing.sh does not exist" },
    { page: sh("bash infra/operate/deploy"), fault: "infra/operate/deploy does not exist" },
    { page: sh("az deployment sub create -f infra/side.bicep"), fault: "infra/side.bicep does not exist" },
    { page: sh("curl --data @infra/side.json $URL"), fault: "infra/side.json does not exist" },
    { page: sh('kubectl apply -k "infra/missing/"'), fault: "infra/missing does not exist" },
    { page: sh("shellcheck infra/operate/*.zsh"), fault: "infra/operate/*.zsh does not exist" },
    { page: sh("npm run \\", "  publish"), fault: "package.json has no script publish" },
    { page: "- a list\n\n  ```bash\n  npm run publish\n  ```", fault: "package.json has no script publish" },
    { page: "~~~console\n$ npm run publish\ndone\n~~~", fault: "package.json has no script publish" },
  ])("$page has the fault: $fault", ({ page, fault }) => {
    const faults = pageFaults("docs/page.md", treeWith(page));
    expect(faults.map((each) => each.replace(/^docs\/page\.md:\d+: /, ""))).toContain(fault);
  });

  test.each([
    "[a](guide.md) [b](./guide.md#one--two) [c](guide.md#one--two-1) [d](guide.md#set)",
    "[a](..) [b](../docs/) [c](/docs/guide.md) [d](guide.md#a-code_name-and-a-link)",
    "[a](https://example.com/missing.md) [b](mailto:a@example.com) `[c](missing.md)`",
    "```md\n[a](missing.md)\n```",
    "~~~md\n[a](missing.md)\n~~~",
    sh("npm test -- test/bu", "npm run build   # not npm run publish", "npx tool", 'node --print "1 / 2"'),
    sh("node infra/operate/run.ts", "bash infra/operate/deploy.sh", "bash FILE", 'node "$PROGRAM"', "node -"),
    sh("shellcheck infra/operate/*.sh", "node .cache/made.ts", "kubectl get node akswin1000000"),
    sh("curl https://example.com/docs/missing.md", "ls $HOME/infra/missing", "az x --node-image-only"),
    "```text\nnpm run publish\n```",
    "```console\n$ npm test\nnpm run publish\n```",
  ])("is valid with: %s", (page) => {
    expect(pageFaults("docs/page.md", treeWith(page))).toEqual([]);
  });

  test("faults have a line number", () => {
    expect(pageFaults("docs/page.md", treeWith("# Title\n\n```sh\nx\n```\n\na [b](c.md)"))).toEqual([
      "docs/page.md:7: docs/c.md does not exist",
    ]);
  });
});

function sh(...commands: readonly string[]): string {
  return ["```sh", ...commands, "```"].join("\n");
}

function treeWith(page: string): ProjectTree {
  const guide =
    '## One & two\n\n## One & two\n\n<a id="set"></a>\n\n## A `code_name`, and [a link](x)\n\n```\n# Three\n```\n';
  return plantTree({
    "docs/page.md": page,
    "docs/guide.md": guide,
    "infra/operate/run.ts": "",
    "infra/operate/deploy.sh": "",
    "test/build.test.ts": "",
  });
}
