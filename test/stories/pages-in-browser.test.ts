import { mkdirSync, writeFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { PAGE_HEADERS, renderBadSettings } from "../../shared/report/page/page.ts";
import { NODE_STATES } from "../../shared/report/status.ts";
import { type Browser, CHROME_PATH, openBrowser } from "../browser/browser.ts";
import { expectFine } from "../browser/expect-fine.ts";
import type { Passes } from "../passes.ts";
import { see } from "./seen.ts";
import { openPools, play } from "./state-scenarios.ts";

const FOLDER = new URL("../../.cache/pages/", import.meta.url);
const HOUR_MS = 3_600_000;

/** What a person must read on the first screen of a phone, for each state of a node. */
const FIRST_SCREENS: Readonly<Record<(typeof NODE_STATES)[number], RegExp>> = {
  excluded: /All 2 Windows nodes have metrics .*1 excluded/,
  installing: /2 of 2 Windows nodes have no metrics .*installing/,
  planned: /2 of 2 Windows nodes have no metrics .*MODE is observe.*does not heal by itself/,
  failed: /Needs an operator .*have no metrics .*failed.*could not be downloaded/,
  "waiting-for-aks": /waits? for AKS: AKS has an operation in progress, since \d\d:\d\d UTC.*heals by itself/,
  queued: /2 of 2 Windows nodes have no metrics .*waits? for (its|their) turn/,
  held: /Needs an operator .*2 of 2 Windows nodes have no metrics .*is held/,
  "not-running": /metrics .*not running/,
  covered: /All 2 Windows nodes have metrics/,
  outdated: /All 4 Windows nodes have metrics .*have another package/,
  blind: /Needs an operator .*2 of 2 Windows nodes have no metrics .*the Service does not exist/i,
};

describe.skipIf(CHROME_PATH === "")("the pages of stories in Chromium (needs CHROME_PATH)", () => {
  let browser: Browser;
  let passes: Passes | undefined;
  const screens: string[] = [];
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterEach(async () => {
    await passes?.world.stop();
    passes = undefined;
  });
  afterAll(async () => {
    await browser.close();
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(new URL("first-screens.md", FOLDER), `${screens.join("\n")}\n`);
  });

  /** Looks at a page on a desktop and on a phone; returns the words of the phone's first screen. */
  async function wordsOf(name: string, html: string): Promise<string> {
    const page = { html, headers: PAGE_HEADERS };
    expectFine(await browser.look(page, { name: `story-${name}`, width: 1280, height: 900, scheme: "light" }));
    const phone = await browser.look(page, { name: `story-${name}`, width: 390, height: 844, scheme: "light" });
    expectFine(phone);
    screens.push(`- ${name}: ${phone.firstScreen}`);
    return phone.firstScreen;
  }

  test.each(NODE_STATES)("%s", async (state) => {
    const played = await play(state);
    ({ passes } = played);
    expect(await wordsOf(state, played.seen.page)).toMatch(FIRST_SCREENS[state]);
  });

  test("before the first pass", async () => {
    passes = await openPools();
    expect(await wordsOf("no-pass-yet", (await see(passes)).page)).toContain("No pass has run yet");
  });

  test("a flow that no longer runs", async () => {
    const played = await play("covered");
    ({ passes } = played);
    await passes.world.clock.advance(10 * 24 * HOUR_MS);
    const seen = await see(passes);
    expect(seen).toMatchObject({ code: 503, level: "trouble" });
    expect(await wordsOf("overdue", seen.page)).toMatch(
      /As of .*All 2 Windows nodes have metrics .*No extension pass has run/,
    );
  });

  test("bad settings", async () => {
    const problems = ["MODE: found 'instal', expected observe or install"];
    expect(await wordsOf("bad-settings", renderBadSettings(problems))).toContain("found 'instal'");
  });
});
