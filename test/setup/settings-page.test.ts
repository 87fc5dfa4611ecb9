import { expect, test } from "vitest";
import { settingsPage } from "../../docs/generate/settings-page.ts";
import { SETTINGS } from "../../shared/config/settings.ts";

test("the settings page has one row for each setting", () => {
  const rows = settingsPage()
    .split("\n")
    .filter((line) => /^\| `[A-Z_]+` \|.*\|.*\|.*\|$/.test(line));
  expect(rows.map((row) => row.split("`")[1])).toEqual(Object.keys(SETTINGS.entries));
});
