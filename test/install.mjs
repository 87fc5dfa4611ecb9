// `npm test` and `npm start` run this first, on whatever Node the user has. It installs what the lock file names, where
// that is not there yet, and otherwise does nothing and says nothing.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { OLDEST_NODE, isRecent, whatDiffers } from "./installed.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "node_modules");

const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
const reason = whatDiffers(wanted, readInstalled(), process);
process.exitCode = (reason === undefined || install(reason)) && hasNode() ? 0 : 1;

/** npm writes this file last: where it is missing or broken off, so is the installation. */
function readInstalled() {
  try {
    return JSON.parse(readFileSync(join(modules, ".package-lock.json"), "utf8"));
  } catch (error) {
    if (error.code === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Errors only: npm would also warn that the user's own Node, which runs npm and no more, is too old for packages. */
function install(why) {
  console.log(`Installing the packages of package-lock.json (${why}) …`);
  const options = ["--include=dev", "--include=optional", "--loglevel=error", "--no-audit", "--no-fund"];
  const { status } = npm([isBlocked() ? "install" : "ci", ...options]);
  if (status !== 0) console.error("The packages could not be installed: see above, then run `npm ci` by hand.");
  return status === 0;
}

/** Windows cannot delete a program that runs, so `npm ci` cannot clear a node_modules whose own Node runs this. */
function isBlocked() {
  return process.platform === "win32" && process.execPath.startsWith(modules + sep);
}

function npm(args) {
  const { npm_execpath: script, npm_node_execpath: node = process.execPath } = process.env;
  const options = { cwd: root, stdio: "inherit" };
  if (script?.endsWith("npm-cli.js")) return spawnSync(node, [script, ...args], options);
  return spawnSync(`npm ${args.join(" ")}`, { ...options, shell: true });
}

/** npm's scripts find the Node of node_modules/.bin first, else the user's own. */
function hasNode() {
  const path = `${join(modules, ".bin")}${delimiter}${process.env.PATH ?? ""}`;
  const { stdout } = spawnSync("node --version", {
    shell: true,
    encoding: "utf8",
    env: { ...process.env, PATH: path, Path: path },
  });
  const version = stdout?.trim() ?? "";
  if (isRecent(version)) return true;
  console.error(
    `Node ${OLDEST_NODE} or newer is needed, and this is ${version || "none"}: no Node comes with the packages for ` +
      `${process.platform} ${process.arch}, so install one (24 is best).`,
  );
  return false;
}
