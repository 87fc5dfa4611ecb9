// `npm test` and `npm start` run this first, on the user's own Node. It installs the packages of the lock file if they
// are not installed yet; otherwise it does nothing and prints nothing.
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

/** npm writes this file last, so the installation is incomplete if it is missing or truncated. */
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
  // npm skips packages that require a newer Node than its own. A second run with the installed Node adds them.
  const program = node && join(modules, node.program);
  if (!program || !existsSync(program) || !whatDiffers(wanted, readInstalled(), machine)) return true;
  return npm(["install", "--no-save"], program);
}

/** Restores the link that npm 10 removes, together with the links to the Nodes for other machines. */
function linkNode() {
  const link = join(modules, ".bin", isWindows ? "node.cmd" : "node");
  if (!node || !existsSync(join(modules, node.program)) || existsSync(link)) return true;
  return npm(["rebuild", node.name]);
}

/** Windows cannot delete a running program, so `npm ci` cannot clear node_modules if its Node runs this script. */
function isBlocked() {
  return isWindows && process.execPath.startsWith(modules + sep);
}

/** Runs npm and prints only errors: the user's Node, which only runs npm, can cause warnings that it is too old. */
function npm(command, program = process.env.npm_node_execpath ?? process.execPath) {
  const args = [...command, "--include=dev", "--include=optional", "--loglevel=error", "--no-audit", "--no-fund"];
  const script = process.env.npm_execpath;
  const options = { cwd: root, stdio: "inherit" };
  const { status } = script?.endsWith("npm-cli.js")
    ? spawnSync(program, [script, ...args], options)
    : spawnSync(`npm ${args.join(" ")}`, { ...options, shell: true });
  if (status !== 0) console.error("The packages could not be installed. Fix the error above and run `npm ci`.");
  return status === 0;
}

/** npm scripts use the Node in node_modules/.bin, or else the user's own. */
function hasNode() {
  const path = `${join(modules, ".bin")}${delimiter}${process.env.PATH ?? ""}`;
  const env = { ...process.env, PATH: path, Path: path };
  const { stdout } = spawnSync("node --version", { shell: true, encoding: "utf8", env });
  const version = stdout?.trim() ?? "";
  if (isRecent(version)) return true;
  const found = `Node ${OLDEST_NODES.join(" or ")} or later is required, found ${version || "none"}`;
  console.error(`${found}. npm installs none for ${process.platform} ${process.arch}: install Node 24.`);
  return false;
}

function findLibc() {
  if (process.platform !== "linux") return undefined;
  return process.report.getReport().header.glibcVersionRuntime ? "glibc" : "musl";
}
