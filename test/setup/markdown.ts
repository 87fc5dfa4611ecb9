/** A fenced block: the line of its first fence (from 1), its language in small letters, and its text. */
interface CodeBlock {
  readonly line: number;
  readonly language: string;
  readonly code: string;
}

/** A fence may stand in a list or a quote. One that is never closed goes on to the end. */
const FENCED = /^([ \t>]*)(`{3,}|~{3,})[ \t]*([\w-]*)[^\n]*\n([\s\S]*?)(?:^[ \t>]*\2[`~]*[ \t]*$|(?![\s\S]))/gm;
const INLINE_CODE = /(`+)(?!`)[^`](?:[\s\S]*?[^`])?\1(?!`)/g;
const HEADING = /^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$/gm;
const LINKS = [
  /\]\(\s*<?([^)\s>]+)>?(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/g,
  /^ {0,3}\[[^\]]+\]:[ \t]+<?([^\s>]+)/gm,
  /\b(?:href|src)="([^"]+)"/g,
];

/** The fenced blocks of a page, in their order. */
export function codeBlocks(page: string): readonly CodeBlock[] {
  return [...page.matchAll(FENCED)].map(({ index, 3: language = "", 4: code = "" }) => ({
    line: lineAt(page, index),
    language: language.toLowerCase(),
    code,
  }));
}

/** What a page's links, references and images point at, each with its line. What stands in code is no link. */
export function linkTargets(page: string): readonly { readonly line: number; readonly target: string }[] {
  const text = page.replaceAll(FENCED, blank).replaceAll(INLINE_CODE, blank);
  return LINKS.flatMap((link) => [...text.matchAll(link)]).map(({ index, 1: target = "" }) => ({
    line: lineAt(text, index),
    target,
  }));
}

/** The anchors that GitHub makes of a page's headings, the second of a name with `-1`, and those that the page sets. */
export function anchors(page: string): ReadonlySet<string> {
  const text = page.replaceAll(FENCED, blank);
  const found = new Set([...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, name = ""]) => name));
  const seen = new Map<string, number>();
  for (const [, heading = ""] of text.matchAll(HEADING)) {
    const name = anchorName(heading);
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    found.add(times === 0 ? name : `${name}-${times}`);
  }
  return found;
}

function anchorName(heading: string): string {
  return heading
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-");
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

/** Keeps every place where it was. */
function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, " ");
}
