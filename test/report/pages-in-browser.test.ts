import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PAGE_HEADERS } from "../../shared/report/page/page.ts";
import { type Browser, CHROME_PATH, openBrowser } from "../browser/browser.ts";
import { expectFine } from "../browser/expect-fine.ts";
import { PAGES } from "./page/pages.ts";

type Name = keyof typeof PAGES;

const WINDOWS = {
  phone: { width: 390, height: 844 },
  tablet: { width: 768, height: 1024 },
  desktop: { width: 1280, height: 900 },
};
const NAMES = Object.keys(PAGES) as readonly Name[];
const ON_EVERY_WINDOW: readonly Name[] = ["trouble", "hostile", "several"];

describe.skipIf(CHROME_PATH === "")("status pages in Chromium (needs CHROME_PATH)", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  const lookAt = (name: Name, window: keyof typeof WINDOWS, scheme: "light" | "dark") =>
    browser.look({ html: PAGES[name], headers: PAGE_HEADERS }, { name, scheme, ...WINDOWS[window] });

  test.each(NAMES)("%s is fine at 1280 pixels", async (name) => {
    expectFine(await lookAt(name, "desktop", "light"));
  });

  describe.each(ON_EVERY_WINDOW)("%s", (name) => {
    test.each([
      { window: "desktop", scheme: "dark" },
      { window: "tablet", scheme: "light" },
      { window: "tablet", scheme: "dark" },
      { window: "phone", scheme: "light" },
      { window: "phone", scheme: "dark" },
    ] as const)("is fine on a $window, $scheme", async ({ window, scheme }) => {
      expectFine(await lookAt(name, window, scheme));
    });
  });

  test("three clusters of four pools of 60 nodes, all well, take at most 4,000 pixels and 300 KB", async () => {
    const { scrollHeight, bytes } = await lookAt("big", "desktop", "light");
    expect(scrollHeight).toBeLessThanOrEqual(4000);
    expect(bytes).toBeLessThanOrEqual(300_000);
  });

  test("the first screen of a phone says what is wrong, since when, why, and whether it heals by itself", async () => {
    const { firstScreen } = await lookAt("trouble", "phone", "light");
    expect(firstScreen).toMatch(
      /3 of 28 Windows nodes have no metrics .* 1 failed .* Needs an operator The package could not be downloaded .* since 11:38 UTC, 22 min ago .* does not heal by itself .* akswin200000h/,
    );
  });
});
