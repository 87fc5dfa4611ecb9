import { posix } from "node:path";
import { commandFaults } from "./command-faults.ts";
import { anchors, codeBlocks, linkTargets } from "./markdown.ts";
import type { ProjectTree } from "./project-tree.ts";

const COMMANDS = new Set(["bash", "console", "powershell", "pwsh", "sh", "shell"]);

/** Returns the faults of a page as `PATH:LINE: sentence`, in relative links, anchors and fenced commands. */
export function pageFaults(path: string, tree: ProjectTree): readonly string[] {
  const page = tree.read(path);
  const inLinks = linkTargets(page).flatMap(({ line, target }) =>
    linkFaults(path, target, tree).map((fault) => `${path}:${line}: ${fault}`),
  );
  const inCommands = codeBlocks(page)
    .filter(({ language }) => COMMANDS.has(language))
    .flatMap(({ line, code }) => commandFaults(typed(code), tree).map((fault) => `${path}:${line}: ${fault}`));
  return [...inLinks, ...inCommands];
}

/** Returns the commands in a block. If it has prompts, the lines without one are output. */
function typed(code: string): string {
  const prompted = [...code.matchAll(/^\s*\$ (.*(?:\\\n.*)*)$/gm)].map(([, command = ""]) => command);
  return prompted.length > 0 ? prompted.join("\n") : code;
}

function linkFaults(from: string, target: string, tree: ProjectTree): readonly string[] {
  if (/^[a-z][a-z\d+.-]*:|^\/\//i.test(target)) return [];
  const [link = "", anchor] = target.split("#").map(decodeURIComponent);
  const path = findPath(from, link);
  if (path !== "" && !tree.paths.has(path)) return [`${path} does not exist`];
  if (anchor === undefined || !path.endsWith(".md") || anchors(tree.read(path)).has(anchor)) return [];
  return [`${path} has no heading #${anchor}`];
}

/** Resolves a link as GitHub does: `/` is the project's root, and an empty path is the page itself. */
function findPath(from: string, link: string): string {
  if (link === "") return from;
  const path = link.startsWith("/") ? link.slice(1) : posix.join(posix.dirname(from), link);
  return path.replace(/^\.?\/?$|\/$/, "");
}
