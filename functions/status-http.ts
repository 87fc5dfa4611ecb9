import { app, type HttpRequest, type HttpResponseInit } from "@azure/functions";
import { dependencies } from "../shared/dependencies.ts";
import { renderPage } from "../shared/report/page/page.ts";
import { readStatus } from "../shared/triggers/status.ts";
import { answer, isBrowser, json, page } from "./answers.ts";

/** Returns the status: as a page to a browser, otherwise as JSON. Observes nothing. */
function statusHttp(request: HttpRequest): Promise<HttpResponseInit> {
  return answer(request, async () => {
    const { status, code } = await readStatus(dependencies(), new URL(request.url).origin);
    const refreshSeconds = Number(request.query.get("refresh") ?? 0);
    return isBrowser(request) ? page(code, renderPage(status, { refreshSeconds })) : json(code, status);
  });
}

app.http("status", { methods: ["GET"], authLevel: "function", handler: statusHttp });
