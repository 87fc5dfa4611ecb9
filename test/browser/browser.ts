import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CDPSession, chromium, type Page as Tab } from "playwright-core";
import { type LoadFaults, recordFaults } from "./faults.ts";
import { createIsolatedWorld } from "./isolated-world.ts";
import type { Measures } from "./measure.mjs";
import { type Page, whileServed } from "./served-page.ts";

const PICTURES = fileURLToPath(new URL("../../.cache/pages/", import.meta.url));
/** The height of a picture, in windows. What follows in a long page are more rows of the same tables. */
const PICTURE_WINDOWS = 4;

const DEBIANS = "/usr/bin/chromium";
/** The browser's program; empty if the machine has none. */
export const CHROME_PATH = process.env["CHROME_PATH"] ?? (existsSync(DEBIANS) ? DEBIANS : "");

/** How to look at a page. */
export interface View {
  /** Names the picture. */
  readonly name: string;
  /** The size of the window, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly scheme: "light" | "dark";
}

/** What a browser shows of a page, and what it reports. */
export interface Look extends Measures, LoadFaults {
  /** The size of the HTML, decoded. */
  readonly bytes: number;
  /**
   * What axe-core's default rules reject: `rule: what is wrong, at the first element and N more`. If a page sets no
   * background, axe assumes white, also in the dark scheme; the contrast is then wrong.
   */
  readonly violations: readonly string[];
  /** The path of the PNG. */
  readonly picture: string;
}

export interface Browser {
  /** Loads a page with its own headers, or what is at an address. One look at a time: there is one tab. */
  readonly look: (page: Page | URL, view: View) => Promise<Look>;
  /** Looks at what is loaded, without loading it again; the faults are those since the last look. */
  readonly lookAgain: (view: View) => Promise<Omit<Look, "bytes">>;
  /** The tab, for those who use the page. */
  readonly tab: Tab;
  readonly close: () => Promise<void>;
}

/** Starts Chromium, without a window, and without its sandbox, with which it does not start as root. */
export async function openBrowser(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: CHROME_PATH, chromiumSandbox: false });
  const tab = await browser.newPage({ deviceScaleFactor: 1 });
  const session = await tab.context().newCDPSession(tab);
  const takeFaults = await recordFaults(tab, session);

  async function resize({ width, height, scheme }: View): Promise<void> {
    await tab.setViewportSize({ width, height });
    await tab.emulateMedia({ colorScheme: scheme });
  }

  async function lookAgain(view: View): Promise<Omit<Look, "bytes">> {
    await resize(view);
    return { ...(await inspect(session, takeFaults)), picture: await paint(tab, view) };
  }

  async function lookAt(url: URL, view: View): Promise<Look> {
    await resize(view);
    // Faults of the previous page, if its look failed.
    takeFaults();
    const response = await tab.goto(url.href);
    const bytes = (await response?.body())?.length ?? 0;
    return { bytes, ...(await lookAgain(view)) };
  }

  return {
    look: (page, view) => (page instanceof URL ? lookAt(page, view) : whileServed(page, (url) => lookAt(url, view))),
    lookAgain,
    tab,
    close: () => browser.close(),
  };
}

async function inspect(session: CDPSession, takeFaults: () => LoadFaults): Promise<Omit<Look, "bytes" | "picture">> {
  const world = await createIsolatedWorld(session);
  const measures = await world.measure();
  // Before axe runs, which may cause messages too.
  const faults = takeFaults();
  return { ...measures, ...faults, violations: await world.findViolations() };
}

async function paint(tab: Tab, { name, width, height, scheme }: View): Promise<string> {
  const path = join(PICTURES, `${name}-${width}-${scheme}.png`);
  const clip = { x: 0, y: 0, width, height: PICTURE_WINDOWS * height };
  await tab.screenshot({ path, fullPage: true, clip });
  return path;
}
