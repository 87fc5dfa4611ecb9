import { readFileSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Browser, CHROME_PATH, type Look, openBrowser, type View } from "./browser.ts";
import { expectFine } from "./expect-fine.ts";
import { whileServed } from "./served-page.ts";

const STRICT = "default-src 'none'; style-src 'unsafe-inline'";
const VIEW: View = { name: "harness", width: 400, height: 300, scheme: "light" };

const FIRST_SCREENS: readonly { readonly what: string; readonly body: string; readonly words: string }[] = [
  { what: "no words below the window", body: `<p style="margin-top:300px">Below</p>`, words: "Heading" },
  { what: "no words beside the window", body: `<p style="margin-left:500px">Beside</p>`, words: "Heading" },
  { what: "no hidden words", body: `<p hidden>a</p><p style="visibility:hidden">b</p>`, words: "Heading" },
  { what: "no transparent words", body: `<div style="opacity:0"><p>Faded</p></div>`, words: "Heading" },
  {
    what: "no words that are clipped for screen readers",
    body: `<p style="position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)">Clipped</p>`,
    words: "Heading",
  },
  {
    what: "no words of closed details",
    body: "<details><summary>More</summary><p>Inside</p></details>",
    words: "Heading More",
  },
  {
    what: "no covered words",
    body: `<p>Covered</p><div style="position:fixed;inset:0;background:white">Over</div>`,
    words: "Over",
  },
  {
    what: "no gap in a word of two elements",
    body: "<p><b>1</b>st\n <i>2</i>, third</p>",
    words: "Heading 1st 2, third",
  },
  { what: "a gap between lines and cells", body: "<p>a<br>b<table><td>c<td>d</table>", words: "Heading a b c d" },
  { what: "words in the order of the document", body: "<p>1 2\t3\n\n4</p><p>5</p>", words: "Heading 1 2 3 4 5" },
];

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

const lookAt = (body: string, policy = STRICT): Promise<Look> => browser.look(page(body, policy), VIEW);

describe.skipIf(CHROME_PATH === "")("what Chromium shows of a page (needs CHROME_PATH)", () => {
  test("a small page is fine", async () => {
    const small = page("<p>Größe</p>");
    const look = await browser.look(small, VIEW);
    expectFine(look);
    expect(look).toMatchObject({ clientWidth: 400, scrollHeight: 300, firstScreen: "Heading Größe" });
    expect(look.bytes).toBe(Buffer.byteLength(small.html));
  });

  test("the page at an address is fine", async () => {
    const look = await whileServed(page("<p>Found</p>"), (url) => browser.look(url, VIEW));
    expectFine(look);
    expect(look.firstScreen).toBe("Heading Found");
  });

  test.each([
    { height: 100, painted: 300 },
    { height: 1_000, painted: 1_000 },
    { height: 5_000, painted: 1_200 },
  ])("the picture of a page of $height pixels has $painted", async ({ height, painted }) => {
    const { picture } = await lookAt(`<div style="position:absolute;top:0;width:9px;height:${height}px"></div>`);
    expect(picture).toMatch(/[\\/]\.cache[\\/]pages[\\/]harness-400-light\.png$/);
    const png = readFileSync(picture);
    rmSync(picture);
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([400, painted]);
  });

  test.each(["light", "dark"] as const)("a page sees the %s scheme", async (scheme) => {
    const dark = "@media (prefers-color-scheme: dark) { .light { display: none } }";
    const light = "@media (prefers-color-scheme: light) { .dark { display: none } }";
    const body = `<style>${dark} ${light}</style><p class="light">light</p><p class="dark">dark</p>`;
    const look = await browser.look(page(body), { ...VIEW, scheme });
    expect(look.firstScreen).toBe(`Heading ${scheme}`);
    expect(look.picture).toContain(`harness-400-${scheme}.png`);
  });

  test.each(FIRST_SCREENS)("the first screen has $what", async ({ body, words }) => {
    expect(await lookAt(body)).toHaveProperty("firstScreen", words);
  });
});

describe.skipIf(CHROME_PATH === "")("what Chromium and axe report (needs CHROME_PATH)", () => {
  test("a page that is wider than its window is not fine", async () => {
    const look = await lookAt(`<p style="width:500px">Wide</p>`);
    expect(look.scrollWidth).toBeGreaterThan(500);
    expect(() => expectFine(look)).toThrow(/The page is 5\d\d pixels wide, its window 400\./);
  });

  test("faint text violates color-contrast, although the policy forbids scripts", async () => {
    const look = await lookAt(`<p id="faint" style="color:#aaa">Faint</p><p style="color:#aaa">Too</p>`);
    expect(look.violations).toEqual([expect.stringMatching(/^color-contrast: .* 2\.32 .*, at #faint and 1 more$/)]);
    expect(() => expectFine(look)).toThrow("color-contrast");
  });

  test("contrast is that of the scheme, if the page sets its background", async () => {
    const style = "<style>body { color-scheme: light dark; background: light-dark(#fff, #111); color: #555 }</style>";
    expectFine(await browser.look(page(style), VIEW));
    const { violations } = await browser.look(page(style), { ...VIEW, scheme: "dark" });
    expect(violations).toEqual([expect.stringMatching(/^color-contrast: .* background color: #111111/)]);
  });

  test("a script that the policy blocks does not run, and is reported", async () => {
    const look = await lookAt(`<p>Text</p><script>document.querySelector("p").remove()</script>`);
    expect(look.firstScreen).toBe("Heading Text");
    expect(look.blocked).toEqual(["script-src-elem: inline"]);
    expect(look.console).toEqual([expect.stringMatching(/^error: Executing inline script violates/)]);
    expect(() => expectFine(look)).toThrow("script-src-elem: inline");
  });

  test("messages and exceptions of scripts are reported", async () => {
    const script = `<script>console.info("hello"); throw new Error("broken")</script>`;
    const look = await lookAt(script, "script-src 'unsafe-inline'");
    expect(look).toMatchObject({ console: ["info: hello", "Error: broken"], blocked: [] });
    expect(() => expectFine(look)).toThrow("Error: broken");
  });

  test("failed requests and requests to other origins are reported", async () => {
    const look = await lookAt(`<img src="/none.png" alt=""><img src="http://other.invalid/" alt="">`, "img-src *");
    expect(look.requests.toSorted()).toEqual([
      expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/none\.png: 404$/),
      "http://other.invalid/: another origin",
    ]);
    expect(() => expectFine(look)).toThrow("other.invalid");
  });

  test("faults of one page, or of an address without a server, are not reported of the next", async () => {
    await lookAt("<script>1</script>");
    expectFine(await lookAt(""));
    const gone = await whileServed(page(""), (url) => Promise.resolve(url));
    await expect(browser.look(gone, VIEW)).rejects.toThrow("ERR_CONNECTION_REFUSED");
    expectFine(await lookAt(""));
  });
});

function page(body: string, policy = STRICT) {
  const html = `<!doctype html><html lang="en"><title>Title</title><main><h1>Heading</h1>${body}</main></html>`;
  return { html, headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": policy } };
}
