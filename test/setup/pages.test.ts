import { expect, test } from "vitest";
import { markdownTable } from "../../docs/generate/markdown-table.ts";
import { outdatedPages, readPage } from "../../docs/generate/pages.ts";

test("generated pages are up to date", () => {
  expect(outdatedPages()).toEqual([]);
});

test.each([
  { what: "edited by hand", text: (page: string) => page.replace("|", "| by hand") },
  { what: "missing", text: () => "" },
])("finds only the page that is $what", ({ text }) => {
  const changed = "docs/troubleshooting.md";
  const read = (path: string): string => (path === changed ? text(readPage(path)) : readPage(path));
  expect(outdatedPages(read)).toEqual([changed]);
});

test("accepts a page with CRLF line endings", () => {
  expect(outdatedPages((path) => readPage(path).replaceAll("\n", "\r\n"))).toEqual([]);
});

test("escapes a vertical bar in a cell", () => {
  expect(markdownTable(["a", "b"], [["x|y", "z"]]).at(-1)).toBe("| x\\|y | z |");
});
