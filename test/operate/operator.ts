import { spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Azure, type Call, readAzure, writeAzure } from "./azure.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const STAND_IN = fileURLToPath(new URL("stand-in.ts", import.meta.url));
const STAND_INS = ["az", "func", "npm", "kubectl", "kubelogin", "azd"];
/** All that the scripts may use of a system. */
const BASICS = "bash sh cat cut date dirname mktemp rm sed sleep sort".split(" ");

/** Each call of a stand-in starts a Node: what they compile is kept. */
const CACHE = { NODE_COMPILE_CACHE: join(ROOT, ".cache", "compiled") };

/** Somebody in front of a fresh clone, with nothing installed but what is named here. */
export interface Operator {
  readonly root: string;
  azure: () => Azure;
  change: (change: (azure: Azure) => void) => void;
  /** Runs a script of the project; `input` is what is typed. */
  run: (script: string, args?: readonly string[], run?: Partial<Run>) => Promise<Result>;
  remove: () => void;
}

interface Run {
  readonly input: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly without: string;
  /** What runs the script: bash, unless it is said. */
  readonly program: readonly string[];
}

interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** The calls of this run, in short: `az deployment sub create`. */
  readonly calls: readonly string[];
  readonly journal: readonly Call[];
}

export function openOperator(azure: Azure): Operator {
  const folder = mkdtempSync(join(tmpdir(), "operator-"));
  const root = join(folder, "clone");
  const bin = join(folder, "bin");
  const file = join(folder, "azure.json");
  for (const each of ["infra", "package.json", "azure.yaml"]) {
    cpSync(join(ROOT, each), join(root, each), { recursive: true });
  }
  mkdirSync(bin);
  for (const tool of BASICS) symlinkSync(findTool(tool), join(bin, tool));
  symlinkSync(process.execPath, join(bin, "node"));
  for (const tool of STAND_INS) {
    writeFileSync(join(bin, tool), `#!/bin/sh\nexec '${process.execPath}' '${STAND_IN}' ${tool} "$@"\n`);
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
    if (without !== undefined) rmSync(join(bin, without));
    const own = {
      PATH: bin,
      HOME: folder,
      TMPDIR: folder,
      AZURE_STAND_IN: file,
      POLL_SECONDS: "0",
      LC_ALL: "C",
      ...CACHE,
    };
    const ended = await start([...program, script, ...args], { cwd: root, env: { ...own, ...variables }, input });
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
  // A script that fails early reads nothing.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { code, ...texts };
}

function findTool(name: string): string {
  const paths = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name));
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} is not on PATH`);
  return found;
}
