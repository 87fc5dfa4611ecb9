import { expect, test } from "vitest";
import { parse } from "yaml";
import { commandFaults } from "./command-faults.ts";
import { readProjectTree } from "./project-tree.ts";

interface Launch {
  readonly configurations: readonly { readonly preLaunchTask?: string; readonly runtimeArgs?: readonly string[] }[];
}

interface Tasks {
  readonly tasks: readonly {
    readonly label: string;
    readonly command: string;
    readonly dependsOn?: readonly string[];
  }[];
}

interface DevContainer {
  readonly features: Readonly<Record<string, { readonly bicepVersion?: string }>>;
  readonly postCreateCommand: string;
  readonly customizations: { readonly vscode: { readonly extensions: readonly string[] } };
}

const tree = readProjectTree();
const { configurations }: Launch = JSON.parse(tree.read(".vscode/launch.json"));
const { tasks }: Tasks = JSON.parse(tree.read(".vscode/tasks.json"));
const container: DevContainer = JSON.parse(tree.read(".devcontainer/devcontainer.json"));

test("launch configurations and tasks depend only on existing tasks", () => {
  const waited = [
    ...configurations.flatMap(({ preLaunchTask }) => preLaunchTask ?? []),
    ...tasks.flatMap(({ dependsOn }) => dependsOn ?? []),
  ];
  const labels = new Set(tasks.map(({ label }) => label));
  expect(waited.length).toBeGreaterThan(0);
  expect(waited.filter((label) => !labels.has(label))).toEqual([]);
});

test("the editor and the dev container run only existing scripts and files", () => {
  const called = configurations.flatMap(({ runtimeArgs = [] }) => runtimeArgs.slice(runtimeArgs.indexOf("--call") + 1));
  expect(called.length).toBeGreaterThan(0);
  const commands = [...called, ...tasks.map(({ command }) => command), container.postCreateCommand];
  expect(commands.flatMap((command) => commandFaults(command, tree))).toEqual([]);
});

test("the dev container has the Bicep CLI version of CI and the recommended extensions", () => {
  const { env }: { env: Record<string, string> } = parse(tree.read(".github/workflows/ci.yml"));
  const versions = Object.values(container.features).flatMap(({ bicepVersion }) => bicepVersion ?? []);
  expect(versions).toEqual([env["BICEP_VERSION"]]);
  const { recommendations }: { recommendations: readonly string[] } = JSON.parse(tree.read(".vscode/extensions.json"));
  const inside = recommendations.filter((name) => name !== "ms-vscode-remote.remote-containers");
  expect(container.customizations.vscode.extensions).toEqual(inside);
});
