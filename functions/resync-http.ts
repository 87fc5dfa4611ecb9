import { app, type HttpRequest, type HttpResponseInit } from "@azure/functions";
import { ConfigError } from "../shared/config/config.ts";
import { dependencies } from "../shared/dependencies.ts";
import { resync } from "../shared/triggers/resync.ts";

/** Runs every flow now; with `?dry-run`, returns what each would do. */
async function resyncHttp(request: HttpRequest): Promise<HttpResponseInit> {
  try {
    return await resync(request.query, dependencies());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { status: 500, jsonBody: { error: "bad app settings", problems: error.problems } };
  }
}

app.http("resync", { methods: ["POST"], authLevel: "function", handler: resyncHttp });
