import { app, type HttpRequest, type HttpResponseInit } from "@azure/functions";
import { dependencies } from "../shared/dependencies.ts";
import { readMetrics } from "../shared/triggers/metrics.ts";
import { answer, json } from "./answers.ts";

/** Returns the app's metrics in the text format of Prometheus. Observes nothing. */
function metricsHttp(request: HttpRequest): Promise<HttpResponseInit> {
  return answer(request, async () => {
    const metrics = await readMetrics(dependencies(), request.query.get("cluster") ?? undefined);
    if ("unknown" in metrics) return json(404, { error: metrics.unknown });
    return { headers: { "content-type": metrics.contentType, "cache-control": "no-store" }, body: metrics.text };
  });
}

app.http("metrics", { methods: ["GET"], authLevel: "function", handler: metricsHttp });
