import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SCRIPTS = globSync("infra/**/*.sh", { cwd: ROOT })
  .map((path) => path.replaceAll("\\", "/"))
  .toSorted();

/** Each is a syntax error, or does something else, in the bash 3.2 of macOS. */
const NEWER: Readonly<Record<string, RegExp>> = {
  "associative arrays": /\b(?:declare|local|typeset) -\w*A/,
  mapfile: /\b(?:mapfile|readarray)\b/,
  "changes of case": /\$\{\w+(?:\[[@*]\])?(?:,,?|\^\^?)/,
  "references to names": /\b(?:declare|local|typeset) -\w*n\b/,
  "both streams at once": /&>>|\|&/,
  "operators on values": /\$\{\w+@[A-Za-z]\}/,
  "negative places": /\$\{\w+\[-\d/,
};

test.each(SCRIPTS)("%s wants no bash newer than 3.2", (path) => {
  const text = readFileSync(join(ROOT, path), "utf8");
  expect(Object.keys(NEWER).filter((name) => NEWER[name]?.test(text))).toEqual([]);
});
