import { posix } from "node:path";
import { commandFaults } from "./command-faults.ts";
import { anchors, codeBlocks, linkTargets } from "./markdown.ts";
import type { ProjectTree } from "./project-tree.ts";

const COMMANDS = new Set(["bash", "console", "powershell", "pwsh", "sh", "shell"]);

/** What a page says that is not so, as `PATH:LINE: a sentence`: relative links, their anchors, and fenced commands. */
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

/** Where a block has prompts, only what follows one is typed; the rest is what the command prints. */
function typed(code: string): string {
  const prompted = [...code.matchAll(/^\s*\$ (.*(?:\\\n.*)*)$/gm)].map(([, command = ""]) => command);
  return prompted.length > 0 ? prompted.join("\n") : code;
}

function linkFaults(from: string, target: string, tree: ProjectTree): readonly string[] {
  if (/^[a-z][a-z\d+.-]*:|^\/\//i.test(target)) return [];
  const [link = "", anchor] = target.split("#").map(decodeURIComponent);
  const path = findPath(from, link);
  if (path !== "" && !tree.paths.has(path)) return [`there is no ${path}`];
  if (anchor === undefined || !path.endsWith(".md") || anchors(tree.read(path)).has(anchor)) return [];
  return [`${path} has no heading #${anchor}`];
}

/** As GitHub resolves a link: `/` is the project's root, and no name is the page itself. */
function findPath(from: string, link: string): string {
  if (link === "") return from;
  const path = link.startsWith("/") ? link.slice(1) : posix.join(posix.dirname(from), link);
  return path.replace(/^\.?\/?$|\/$/, "");
}
