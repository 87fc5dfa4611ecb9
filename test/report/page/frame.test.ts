import { describe, expect, test } from "vitest";
import { renderPage } from "../../../shared/report/page/page.ts";
import { ago, buildCluster, buildNode, buildPass, buildPool, buildProblem, buildStatus } from "./build-status.ts";
import { PAGES } from "./pages.ts";
import { words } from "./read-page.ts";

const textOf = (...over: Parameters<typeof buildCluster>): string => renderPage(buildStatus([buildCluster(...over)]));

const list = (length: number): readonly string[] => Array.from({ length }, (_, index) => `item-${index}.`);
const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

describe("the top", () => {
  test.each([
    { mode: "install", text: "installs" },
    { mode: "observe", text: "observes: plans and reports, changes nothing" },
    { mode: "other", text: "MODE=other" },
  ])("names app, version, mode $mode and time", ({ mode, text }) => {
    const page = renderPage(buildStatus([], { app: { name: "shop-awm", version: "0.2.0", mode } }));
    expect(words(page)).toMatch(
      new RegExp(`^aks-windows-metrics · app shop-awm · 0.2.0 · ${text} · as of 2026-11-22 12:00:00 UTC`),
    );
  });

  test("notices come before the clusters", () => {
    const page = renderPage(buildStatus([buildCluster([])], { notices: ["Storage is slow."] }));
    expect(words(page)).toContain("UTC Storage is slow. Cluster shop ↗");
  });

  test("says how old the oldest shown observation is", () => {
    expect(words(PAGES["failed-pass"])).toContain("Not up to date seen 26 min ago");
    const passes = [10, 30].map((minutes) => buildPass("x", { observedAt: ago(minutes) }));
    expect(words(textOf([], { passes }))).toContain("seen 30 min ago");
    expect(words(PAGES.trouble)).not.toContain("Not up to date");
  });
});

describe("refreshSeconds", () => {
  test.each([
    { seconds: 30, written: 30 },
    { seconds: 1, written: 5 },
    { seconds: -1, written: 5 },
    { seconds: 1e9, written: 3600 },
    { seconds: 30.4, written: 30 },
  ])("$seconds loads the page again every $written s", ({ seconds, written }) => {
    const page = renderPage(buildStatus([]), { refreshSeconds: seconds });
    expect(page).toContain(`<meta http-equiv="refresh" content="${written}" />`);
    expect(words(page)).toContain(`This page loads again every ${written} s.`);
  });

  test.each([undefined, 0, Number.NaN])("%s does not load it again, and the page says how to", (seconds) => {
    const page = renderPage(buildStatus([]), seconds === undefined ? {} : { refreshSeconds: seconds });
    expect(page).not.toContain("http-equiv");
    expect(words(page)).toContain("Add &refresh=30 to the address");
  });
});

describe("the end", () => {
  test("a pass has its flow, when it was, its cause, the next one and its result", () => {
    expect(words(textOf([]))).toContain("extension 1 min ago, by timer in 14 min in sync, nothing written");
    expect(words(PAGES["no-pass-yet"])).toContain("extension never now no pass has run yet");
  });

  test("conditions have their reason; warnings, outcomes and observed lines are folded", () => {
    const condition = { ...buildProblem("x", { message: "A lock." }), subject: "pool win1", state: "refused" } as const;
    const text = textOf([{ ...buildPool("win1", 1), conditions: [{ ...condition, reason: "scope-locked" }] }], {
      conditions: [{ ...condition, subject: "cluster shop" }],
      passes: [buildPass("extension", { warnings: ["w"], outcomes: ["o"], observed: ["p", "q"] })],
    });
    const details = text.slice(text.indexOf("Details</h3>"));
    expect(words(details)).toContain(
      "Conditions of the cluster and its pools (2) cluster shop: refused, since 22 min ago. A lock. " +
        "pool win1: refused (scope-locked), since 22 min ago. A lock. Warnings of the extension pass (1) w " +
        "What the extension pass did (1) o What the extension pass observed (2) p q",
    );
    expect(text).not.toContain(" open>");
  });
});

describe("bounds", () => {
  test("a long timeline is folded, then cut", () => {
    const text = textOf([], { timeline: list(200).map((each) => ({ at: ago(1), text: each })) });
    expect(words(text)).toMatch(/item-5\. 34 earlier .*item-39\. 160 more are only in the JSON/);
    expect(count(text, /item-/g)).toBe(40);
  });

  test("many problems are folded, and a problem names its first nodes", () => {
    const text = textOf([], { problems: list(20).map((each) => buildProblem(each, { nodes: list(60) })) });
    expect(words(text)).toContain("60 nodes: item-0., item-1., item-2., item-3., item-4., item-5. and 54 more");
    expect(words(text)).toMatch(/item-7\. .* 12 more item-8\. /);
  });

  test("a pool of 1000 nodes has tiles and rows for those that need attention most", () => {
    const failed = buildNode("zfailed", { state: "failed" });
    const text = textOf([buildPool("win1", 1000, [failed])]);
    expect(words(text)).toContain("and 881 more");
    expect(count(text, /aria-label=/g)).toBe(120);
    expect(count(text, /<tr id=/g)).toBe(250);
    expect(text).toContain('aria-label="zfailed: failed"');
    expect(words(text)).toMatch(/zfailed failed .* 249 more nodes .* 751 more are only in the JSON/);
  });

  test("long lists of lines are cut", () => {
    const text = textOf([], { passes: [buildPass("extension", { observed: list(500) })] });
    expect(words(text)).toMatch(/observed \(500\) item-0\. .*item-99\. 400 more are only in the JSON/);
    expect(count(text, /item-/g)).toBe(100);
  });

  test("three clusters of four pools of 60 nodes take less than 300 KB", () => {
    expect(Buffer.byteLength(PAGES.big)).toBeLessThan(300_000);
  });
});

describe("bad settings", () => {
  test("the page lists each, and says where settings are set", () => {
    const text = words(PAGES["bad-settings"]);
    expect(text).toMatch(/The app does nothing: 2 settings are wrong .* What is wrong AKS_CLUSTER_IDS is not set/);
    expect(text).toMatch(
      /found 'instal', expected observe or install What to do Correct the app settings .*settings\.md/,
    );
  });
});
