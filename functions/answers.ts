import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { ConfigError } from "../shared/config/config.ts";
import { PAGE_HEADERS, renderBadSettings } from "../shared/report/page/page.ts";

const HEADERS = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  vary: "accept",
};

/** Returns whether the caller shows HTML. */
export function isBrowser(request: HttpRequest): boolean {
  return /\btext\/html\b/i.test(request.headers.get("accept") ?? "");
}

/** Returns an answer as a page. */
export function page(status: number, body: string): HttpResponseInit {
  return { status, headers: { ...HEADERS, ...PAGE_HEADERS }, body };
}

/** Returns an answer as JSON. */
export function json(status: number, jsonBody: unknown): HttpResponseInit {
  return { status, headers: HEADERS, jsonBody };
}

/** Answers a request; with bad settings, lists what is wrong: as a page to a browser, otherwise as JSON. */
export async function answer(request: HttpRequest, work: () => Promise<HttpResponseInit>): Promise<HttpResponseInit> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { problems } = error;
    return isBrowser(request)
      ? page(500, renderBadSettings(problems))
      : json(500, { error: "bad app settings", problems });
  }
}
