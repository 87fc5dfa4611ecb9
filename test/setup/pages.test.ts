import { expect, test } from "vitest";
import { markdownTable } from "../../docs/generate/markdown-table.ts";
import { outdatedPages, readPage } from "../../docs/generate/pages.ts";

test("each page that is made from tables says what they say", () => {
  expect(outdatedPages()).toEqual([]);
});

test.each([
  { what: "changed by hand", text: (page: string) => page.replace("|", "| by hand") },
  { what: "missing", text: () => "" },
])("a page that is $what is found, and no other", ({ text }) => {
  const changed = "docs/troubleshooting.md";
  const read = (path: string): string => (path === changed ? text(readPage(path)) : readPage(path));
  expect(outdatedPages(read)).toEqual([changed]);
});

test("a page with the line ends of Windows is the same page", () => {
  expect(outdatedPages((path) => readPage(path).replaceAll("\n", "\r\n"))).toEqual([]);
});

test("a bar in a cell ends no cell", () => {
  expect(markdownTable(["a", "b"], [["x|y", "z"]]).at(-1)).toBe("| x\\|y | z |");
});
