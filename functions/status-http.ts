import { app, type HttpRequest, type HttpResponseInit } from "@azure/functions";
import { ConfigError } from "../shared/config/config.ts";
import { dependencies } from "../shared/dependencies.ts";
import { PAGE_HEADERS, renderPage } from "../shared/report/page.ts";
import { readStatus } from "../shared/triggers/status.ts";

const HEADERS = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  vary: "accept",
};

/** Returns the last reports: as a page to a browser, otherwise as JSON. Observes nothing. */
async function statusHttp(request: HttpRequest): Promise<HttpResponseInit> {
  try {
    const text = await readStatus(dependencies());
    const status = text.isOverdue ? 503 : text.failures.length > 0 ? 502 : 200;
    const isBrowser = /\btext\/html\b/i.test(request.headers.get("accept") ?? "");
    return isBrowser
      ? { status, headers: { ...HEADERS, ...PAGE_HEADERS }, body: renderPage(text) }
      : { status, headers: HEADERS, jsonBody: text };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { status: 500, headers: HEADERS, jsonBody: { error: "bad app settings", problems: error.problems } };
  }
}

app.http("status", { methods: ["GET"], authLevel: "function", handler: statusHttp });
