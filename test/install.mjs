// `npm test` and `npm start` run this first, on whatever Node the user has. It installs what the lock file names, where
// that is not there yet, and otherwise does nothing and says nothing.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { OLDEST_NODES, findNode, isRecent, whatDiffers } from "./installed.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "node_modules");
const isWindows = process.platform === "win32";
const machine = { platform: process.platform, arch: process.arch, libc: findLibc() };
const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
const node = findNode(wanted, machine);

const reason = whatDiffers(wanted, readInstalled(), machine);
process.exitCode = (reason === undefined || install(reason)) && linkNode() && hasNode() ? 0 : 1;

/** npm writes this file last: where it is missing or broken off, so is the installation. */
function readInstalled() {
  try {
    return JSON.parse(readFileSync(join(modules, ".package-lock.json"), "utf8"));
  } catch (error) {
    if (error.code === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function install(why) {
  console.log(`Installing the packages of package-lock.json (${why}) …`);
  if (!npm([isBlocked() ? "install" : "ci"])) return false;
  // npm leaves out what is too new for the Node that it runs on. With the one that has come now, it adds that.
  const program = node && join(modules, node.program);
  if (!program || !existsSync(program) || !whatDiffers(wanted, readInstalled(), machine)) return true;
  return npm(["install", "--no-save"], program);
}

/** npm 10 takes the link away, together with those to the Nodes for other machines. */
function linkNode() {
  const link = join(modules, ".bin", isWindows ? "node.cmd" : "node");
  if (!node || !existsSync(join(modules, node.program)) || existsSync(link)) return true;
  return npm(["rebuild", node.name]);
}

/** Windows cannot delete a program that runs, so `npm ci` cannot clear a node_modules whose own Node runs this. */
function isBlocked() {
  return isWindows && process.execPath.startsWith(modules + sep);
}

/** Errors only: npm would also warn that the user's own Node, which runs npm and no more, is too old for packages. */
function npm(command, program = process.env.npm_node_execpath ?? process.execPath) {
  const args = [...command, "--include=dev", "--include=optional", "--loglevel=error", "--no-audit", "--no-fund"];
  const script = process.env.npm_execpath;
  const options = { cwd: root, stdio: "inherit" };
  const { status } = script?.endsWith("npm-cli.js")
    ? spawnSync(program, [script, ...args], options)
    : spawnSync(`npm ${args.join(" ")}`, { ...options, shell: true });
  if (status !== 0) console.error("The packages could not be installed: see above, then run `npm ci` by hand.");
  return status === 0;
}

/** npm's scripts find the Node of node_modules/.bin first, else the user's own. */
function hasNode() {
  const path = `${join(modules, ".bin")}${delimiter}${process.env.PATH ?? ""}`;
  const env = { ...process.env, PATH: path, Path: path };
  const { stdout } = spawnSync("node --version", { shell: true, encoding: "utf8", env });
  const version = stdout?.trim() ?? "";
  if (isRecent(version)) return true;
  const found = `Node ${OLDEST_NODES.join(", or ")} and newer, is needed, and this is ${version || "none"}`;
  console.error(`${found}. None comes for ${process.platform} ${process.arch}, so install one; 24 is best.`);
  return false;
}

function findLibc() {
  if (process.platform !== "linux") return undefined;
  return process.report.getReport().header.glibcVersionRuntime ? "glibc" : "musl";
}
