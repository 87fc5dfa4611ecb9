import { app, type HttpRequest, type HttpResponseInit } from "@azure/functions";
import { ConfigError } from "../shared/config/config.ts";
import { dependencies } from "../shared/dependencies.ts";
import { PAGE_HEADERS, renderBadSettings, renderPage } from "../shared/report/page/page.ts";
import { readStatus } from "../shared/triggers/status.ts";

const HEADERS = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  vary: "accept",
};

/** Returns the status: as a page to a browser, otherwise as JSON. Observes nothing. */
async function statusHttp(request: HttpRequest): Promise<HttpResponseInit> {
  const isBrowser = /\btext\/html\b/i.test(request.headers.get("accept") ?? "");
  try {
    const { status, code } = await readStatus(dependencies(), new URL(request.url).origin);
    const refreshSeconds = Number(request.query.get("refresh") ?? 0);
    return isBrowser
      ? { status: code, headers: { ...HEADERS, ...PAGE_HEADERS }, body: renderPage(status, { refreshSeconds }) }
      : { status: code, headers: HEADERS, jsonBody: status };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { problems } = error;
    return isBrowser
      ? { status: 500, headers: { ...HEADERS, ...PAGE_HEADERS }, body: renderBadSettings(problems) }
      : { status: 500, headers: HEADERS, jsonBody: { error: "bad app settings", problems } };
  }
}

app.http("status", { methods: ["GET"], authLevel: "function", handler: statusHttp });
