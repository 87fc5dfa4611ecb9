import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { azVersionsFor } from "./az-commands.ts";
import { blockFaults, commandBlocks, joined } from "./page-commands.ts";
import { readProjectTree } from "./project-tree.ts";

const TREE = readProjectTree();
const pages = [...TREE.paths].filter((path) => path.endsWith(".md") && !/CHANGELOG|decisions\/|^\.github/.test(path));
const blocks = pages.flatMap((page) =>
  commandBlocks(TREE.read(page)).map((block) => ({ where: `${page}:${block.line}`, ...block })),
);
const folder = mkdtempSync(join(tmpdir(), "page-commands-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("deploy.sh wants the Azure CLI that the newest printed option needs", () => {
  const remedies = TREE.read("shared/report/azure-commands.ts") + TREE.read("shared/report/remedies.ts");
  const versions = azVersionsFor([...blocks.flatMap(({ commands }) => joined(commands)), remedies].join("\n"));
  expect(versions).toEqual(["2.53.0", "2.68.0"]);
  expect(TREE.read("infra/operate/steps/tools.sh")).toContain(`OLDEST_AZ=${versions.at(-1)}\n`);
});

test("finds the commands of the pages", () => {
  expect(blocks.flatMap(({ commands }) => commands).length).toBeGreaterThan(100);
});

test.each(blocks)("the commands at $where can be copied into a terminal", (block) => {
  expect(blockFaults(block)).toEqual([]);
});

describe.skipIf(process.platform === "win32")("bash, not on Windows", () => {
  test.each(blocks)("parses the commands at $where", ({ commands }) => {
    const { status, stderr } = spawnSync("bash", ["-n", "-c", commands.join("\n")], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

const pwsh = process.env["PWSH"] ?? "";

describe.skipIf(pwsh === "")("PowerShell (needs PWSH)", () => {
  test("parses every command that is said to be right in any shell", () => {
    const files = blocks
      .filter(({ language }) => language === "sh")
      .map(({ where, commands }) => {
        const file = join(folder, `${where.replaceAll(/[^\w]/g, "-")}.ps1`);
        writeFileSync(file, commands.join("\n"));
        return file;
      });
    expect(files.length).toBeGreaterThan(10);
    const parse =
      "foreach ($file in $env:FILES.Split('|')) { $errors = $null; " +
      "$null = [System.Management.Automation.Language.Parser]::ParseFile($file, [ref]$null, [ref]$errors); " +
      '$errors | ForEach-Object { "$($file): $($_.Message)" } }';
    const env = { ...process.env, FILES: files.join("|") };
    const { stdout, stderr } = spawnSync(pwsh, ["-NoProfile", "-NonInteractive", "-Command", parse], {
      encoding: "utf8",
      env,
    });
    expect({ stdout, stderr }).toEqual({ stdout: "", stderr: "" });
  });
});

const fault = (code: string, language = "sh"): string =>
  commandBlocks(`\`\`\`${language}\n${code}\n\`\`\`\n`).flatMap(blockFaults).join("\n");

describe("finds", () => {
  test.each([
    ["a comment after a command", "npm start   # watch it", "has a comment"],
    ["a comment on a line of its own", "# then\nnpm test", "has a comment"],
    ["a line after one that asks", "az login\nnpm ci", "has a line after one that asks"],
    ["a line after a deployment", "bash infra/operate/deploy.sh --name a\nnpm ci", "has a line after one that asks"],
    ["a line after a program that runs on", "npm run dev\nfunc start", "has a line after one that asks"],
    ["a continued line", "az aks show \\\n  --name a", "is not right in PowerShell"],
    ["a variable of bash", "ID=$(az aks show --name a)", "is not right in PowerShell"],
    ["JSON in single quotes", `curl --data '{"a": 1}' URL`, "is not right in PowerShell"],
    ["a request without a body", "curl --request POST https://APP.azurewebsites.net/api/resync", "without a body"],
    ["an option that az does not have", "az aks show --resource-group a --name b --id c", "az aks show has no --id"],
    ["an az command without its group", "az aks show --name b", "az aks show lacks --resource-group"],
    ["an unknown az command", "az aks look --name b", "does not have az aks look"],
    ["an az command in another", "ID=$(az aks show --name b --query '[0].(id)')", "lacks --resource-group"],
    ["a short option", "kubectl -n monitoring get endpoints", "has a short option"],
  ])("%s", (_, code, says) => {
    expect(fault(code)).toContain(says);
  });

  test.each([
    ["a number sign in quotes", "az resource list --query 'a # b' --tag a", "sh"],
    ["an answered question", "bash infra/operate/deploy.sh --name a --yes\nnpm ci", "sh"],
    ["bash", 'ID=$(az aks show --resource-group g --name a)\naz resource delete \\\n  --ids "$ID"', "bash"],
    ["a console", "$ npm test\n# 3 passed", "console"],
  ])("nothing in %s", (_, code, language) => {
    expect(fault(code, language)).toBe("");
  });
});
