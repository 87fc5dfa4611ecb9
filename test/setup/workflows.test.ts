import { describe, expect, test } from "vitest";
import { plantTree } from "./planted-tree.ts";
import { readProjectTree } from "./project-tree.ts";
import { workflowFaults } from "./workflow-faults.ts";

const PROJECT = readProjectTree();
const WORKFLOWS = PROJECT.paths
  .values()
  .filter((path) => /^\.github\/workflows\/.+\.ya?ml$/.test(path))
  .toArray();

test("checks all workflows", () => {
  const names = ["ci", "codeql", "deploy", "release"];
  expect(WORKFLOWS).toEqual(expect.arrayContaining(names.map((name) => `.github/workflows/${name}.yml`)));
});

test.each(WORKFLOWS)("%s has no faults", async (path) => {
  expect(await workflowFaults(path, PROJECT)).toEqual([]);
});

const PATH = ".github/workflows/planted.yml";
const SHA = "0123456789abcdef0123456789abcdef01234567";
const RIGHT = `
on: push
permissions: {}
concurrency: planted
jobs:
  build:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions:
      contents: read
    env:
      NAME: \${{ github.ref_name }}
    steps:
      - uses: actions/checkout@v7
        with:
          persist-credentials: false
      - uses: owner/action@${SHA}
      - run: |
          npm run build   # not npm run publish
          bash infra/operate/deploy.sh "$NAME"
`;

describe("workflow", () => {
  test("a valid workflow has no faults", async () => {
    expect(await faultsOf(RIGHT)).toEqual([]);
  });

  test.each([
    { right: "permissions: {}\n", wrong: "", fault: "the top-level permissions are not {}" },
    { right: "permissions: {}\n", wrong: "permissions: read-all\n", fault: "the top-level permissions are not {}" },
    {
      right: "permissions: {}\n",
      wrong: "permissions: { contents: read }\n",
      fault: "the top-level permissions are not {}",
    },
    { right: "concurrency: planted\n", wrong: "", fault: "concurrency is missing" },
    { right: "    timeout-minutes: 5\n", wrong: "", fault: "build: timeout-minutes is missing" },
    {
      right: "    permissions:\n      contents: read\n",
      wrong: "",
      fault: "build: permissions are not listed individually",
    },
    {
      right: "permissions:\n      contents: read\n",
      wrong: "permissions: write-all\n",
      fault: "build: permissions are not listed individually",
    },
    {
      right: "persist-credentials: false",
      wrong: "persist-credentials: true",
      fault: "build: a checkout keeps the token",
    },
    { right: "persist-credentials: false", wrong: "fetch-depth: 0", fault: "build: a checkout keeps the token" },
    { right: SHA, wrong: "main", fault: "build: owner/action@main is pinned neither" },
    { right: SHA, wrong: "v1.2", fault: "build: owner/action@v1.2 is pinned neither" },
    { right: SHA, wrong: SHA.slice(1), fault: "is pinned neither" },
    { right: '"$NAME"', wrong: "${{ github.sha }}", fault: "build: a script contains an expression" },
    { right: "npm run build", wrong: "npm run publish", fault: "build: package.json has no script publish" },
    {
      right: "npm run build",
      wrong: "npx gadget",
      fault: "build: no package in package-lock.json has a program gadget",
    },
    { right: "npm run build", wrong: "node missing.ts", fault: "build: missing.ts does not exist" },
    { right: "deploy.sh", wrong: "undeploy.sh", fault: "build: infra/operate/undeploy.sh does not exist" },
    { right: "github.ref_name", wrong: "github.ref_nam", fault: "[expression]" },
    { right: "runs-on: ubuntu-latest", wrong: "runs-on: ubuntu-newest", fault: "[runner-label]" },
    { right: "on: push", wrong: "on: pushed", fault: "[events]" },
    {
      right: "permissions:\n      contents: read",
      wrong: "permissions:\n      content: read",
      fault: "[permissions]",
    },
    { right: "    steps:", wrong: "   steps:", fault: "[syntax-check]" },
  ])("$wrong instead of $right has the fault: $fault", async ({ right, wrong, fault }) => {
    expect(RIGHT).toContain(right);
    expect(await faultsOf(RIGHT.replace(right, () => wrong))).toEqual([expect.stringContaining(fault)]);
  });
});

async function faultsOf(text: string): Promise<readonly string[]> {
  return workflowFaults(PATH, plantTree({ [PATH]: text, "infra/operate/deploy.sh": "" }));
}
