/** A fenced code block: the line of its opening fence (from 1), its language in lower case, and its text. */
interface CodeBlock {
  readonly line: number;
  readonly language: string;
  readonly code: string;
}

/** A fence can be in a list or a quote. An unclosed fence extends to the end. */
const FENCED = /^([ \t>]*)(`{3,}|~{3,})[ \t]*([\w-]*)[^\n]*\n([\s\S]*?)(?:^[ \t>]*\2[`~]*[ \t]*$|(?![\s\S]))/gm;
const INLINE_CODE = /(`+)(?!`)[^`](?:[\s\S]*?[^`])?\1(?!`)/g;
const HEADING = /^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$/gm;
const LINKS = [
  /\]\(\s*<?([^)\s>]+)>?(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/g,
  /^ {0,3}\[[^\]]+\]:[ \t]+<?([^\s>]+)/gm,
  /\b(?:href|src)="([^"]+)"/g,
];

/** Returns the fenced code blocks of a page, in order. */
export function codeBlocks(page: string): readonly CodeBlock[] {
  return [...page.matchAll(FENCED)].map(({ index, 3: language = "", 4: code = "" }) => ({
    line: lineAt(page, index),
    language: language.toLowerCase(),
    code,
  }));
}

/** Returns the targets of a page's links, references and images outside code, with their lines. */
export function linkTargets(page: string): readonly { readonly line: number; readonly target: string }[] {
  const text = page.replaceAll(FENCED, blank).replaceAll(INLINE_CODE, blank);
  return LINKS.flatMap((link) => [...text.matchAll(link)]).map(({ index, 1: target = "" }) => ({
    line: lineAt(text, index),
    target,
  }));
}

/** Returns the anchors that GitHub creates for headings (a duplicate gets `-1`), and explicit ones. */
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

/** Replaces a text by spaces, to keep the offsets of all others. */
function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, " ");
}
