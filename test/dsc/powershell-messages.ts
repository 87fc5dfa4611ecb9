import { readFileSync } from "node:fs";

const PAGE = readFileSync(new URL("../../dsc/README.md", import.meta.url), "utf8");
const ROW = /^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| ([^|]+) \| [^|]+ \| [^|]+ \|$/gm;

/** A message in the table of dsc/README.md, the words that it can begin with, and a pattern of its errors. */
export interface Message {
  readonly text: string;
  readonly pattern: RegExp;
}

/** The messages of the table, but for its last row: what Windows itself says, with the word `node`. */
export const MESSAGES: readonly Message[] = [...PAGE.matchAll(ROW)].flatMap(([, words = "", texts = ""]) =>
  texts
    .split("; ")
    .filter((text) => text !== "any other")
    .map((text) => {
      const word = words.replaceAll("`", "").replaceAll(", ", "|");
      const body = text
        .split("…")
        .map((part) => part.replaceAll(/[^\w\s]/g, String.raw`\$&`))
        .join("[^]*");
      return { text, pattern: new RegExp(`^aks-windows-metrics cause=(?:${word}): ${body}`) };
    }),
);

/** Errors of the commands of a recorded node, which the module passes on. */
const OF_WINDOWS =
  /^aks-windows-metrics cause=node: (?:The WS-Management service cannot complete|Provider load failure|Service 'windows_exporter' cannot be configured|The query timed out)/;

/** Returns whether an error is a message of the table, or one of Windows. */
export function isListed(error: string): boolean {
  return OF_WINDOWS.test(error) || MESSAGES.some(({ pattern }) => pattern.test(error));
}
