import { app, type HttpRequest, type HttpResponseInit } from "@azure/functions";
import { ConfigError } from "../shared/config/config.ts";
import { dependencies } from "../shared/dependencies.ts";
import { readMetrics } from "../shared/triggers/metrics.ts";

/** Returns the app's metrics in the text format of Prometheus. Observes nothing. */
async function metricsHttp(request: HttpRequest): Promise<HttpResponseInit> {
  try {
    const answer = await readMetrics(dependencies(), request.query.get("cluster") ?? undefined);
    if ("unknown" in answer) return { status: 404, jsonBody: { error: answer.unknown } };
    return { headers: { "content-type": answer.contentType, "cache-control": "no-store" }, body: answer.text };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { status: 500, jsonBody: { error: "bad app settings", problems: error.problems } };
  }
}

app.http("metrics", { methods: ["GET"], authLevel: "function", handler: metricsHttp });
