import { app, type HttpRequest, type HttpResponseInit } from "@azure/functions";
import { dependencies } from "../shared/dependencies.ts";
import { resync } from "../shared/triggers/resync.ts";
import { answer } from "./answers.ts";

/** Runs every flow now; with `?dry-run`, returns what each would do. */
function resyncHttp(request: HttpRequest): Promise<HttpResponseInit> {
  return answer(request, () => resync(request.query, dependencies()));
}

app.http("resync", { methods: ["POST"], authLevel: "function", handler: resyncHttp });
