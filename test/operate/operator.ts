import { spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { type Azure, type Call, readAzure, writeAzure } from "./azure.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SIMULATED_TOOL = fileURLToPath(new URL("simulated-tool.ts", import.meta.url));
const TOOLS = ["az", "func", "npm", "kubectl", "kubelogin", "azd"];
/** The system programs that the scripts can use. */
const BASICS = "bash sh cat cut date dirname mktemp rm sed sleep sort".split(" ");
/** A `pwsh` that was installed as a .NET tool starts this program. */
const RUNTIME = "dotnet";

/** Each call of a simulated tool starts Node.js, so the compiled code is cached. */
const CACHE = { NODE_COMPILE_CACHE: join(ROOT, ".cache", "compiled") };

/** A user with a new clone and only the programs above. */
export interface Operator {
  readonly root: string;
  azure: () => Azure;
  change: (change: (azure: Azure) => void) => void;
  /** Runs a script of the project with `input` as standard input. */
  run: (script: string, args?: readonly string[], run?: Partial<Run>) => Promise<Result>;
  remove: () => void;
}

interface Run {
  readonly input: string;
  readonly variables: Readonly<Record<string, string>>;
  /** A program that is not there during this run. */
  readonly without: string;
  /** The interpreter of the script; bash by default. */
  readonly program: readonly string[];
}

interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** The calls of this run without options: `az deployment sub create`. */
  readonly calls: readonly string[];
  readonly journal: readonly Call[];
}

/** Opens an operator with simulated tools, whose folder is removed at the end of the running test. */
export function openInTest(azure: Azure): Operator {
  const operator = openOperator(azure);
  onTestFinished(() => operator.remove());
  return operator;
}

/** Opens an operator with simulated tools. `real` has the paths of programs that replace some of them, by name. */
export function openOperator(azure: Azure, real: Readonly<Record<string, string>> = {}): Operator {
  const folder = mkdtempSync(join(tmpdir(), "operator-"));
  const root = join(folder, "clone");
  const bin = join(folder, "bin");
  const file = join(folder, "azure.json");
  for (const each of ["infra", "package.json", "azure.yaml"]) {
    cpSync(join(ROOT, each), join(root, each), { recursive: true });
  }
  mkdirSync(bin);
  for (const tool of BASICS) symlinkSync(getTool(tool), join(bin, tool));
  const runtime = findTool(RUNTIME);
  if (runtime !== undefined) symlinkSync(runtime, join(bin, RUNTIME));
  symlinkSync(process.execPath, join(bin, "node"));
  for (const [tool, program] of Object.entries(real)) symlinkSync(program, join(bin, tool));
  for (const tool of TOOLS.filter((each) => !(each in real))) {
    writeFileSync(join(bin, tool), `#!/bin/sh\nexec '${process.execPath}' '${SIMULATED_TOOL}' ${tool} "$@"\n`);
    chmodSync(join(bin, tool), 0o755);
  }
  writeAzure(file, azure);
  const change: Operator["change"] = (how) => {
    const now = readAzure(file);
    how(now);
    writeAzure(file, now);
  };
  const run: Operator["run"] = async (
    script,
    args = [],
    { input = "", variables = {}, without, program = ["bash"] } = {},
  ) => {
    const before = readAzure(file).journal.length;
    if (without !== undefined) renameSync(join(bin, without), join(folder, without));
    const own = {
      PATH: bin,
      HOME: folder,
      TMPDIR: folder,
      SIMULATED_AZURE: file,
      POLL_SECONDS: "0",
      LC_ALL: "C",
      ...CACHE,
    };
    const ended = await start([...program, script, ...args], { cwd: root, env: { ...own, ...variables }, input });
    if (without !== undefined) renameSync(join(folder, without), join(bin, without));
    const journal = readAzure(file).journal.slice(before);
    const unknown = journal.filter(({ command }) => command.startsWith("unknown"));
    if (unknown.length > 0) throw new Error(unknown.map(({ command }) => command).join("\n"));
    return { ...ended, journal, calls: journal.map(({ tool, command }) => `${tool} ${command}`) };
  };
  return { root, change, run, azure: () => readAzure(file), remove: () => rmSync(folder, { recursive: true }) };
}

interface Start {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
}

async function start([program = "", ...args]: readonly string[], { cwd, env, input }: Start) {
  const child = spawn(program, args, { cwd, env });
  const texts = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (texts.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (texts.err += text));
  // A script that fails early closes its standard input.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { code, ...texts };
}

function getTool(name: string): string {
  const found = findTool(name);
  if (found === undefined) throw new Error(`${name} is not on PATH`);
  return found;
}

function findTool(name: string): string | undefined {
  const paths = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name));
  return paths.find((path) => existsSync(path));
}
