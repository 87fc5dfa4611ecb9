import { app, type HttpRequest, type HttpResponseInit } from "@azure/functions";
import { dependencies } from "../shared/dependencies.ts";
import { pause } from "../shared/triggers/pause.ts";
import { answer } from "./answers.ts";

/** Pauses a cluster or a pool for a time, or ends that. */
function pauseHttp(request: HttpRequest): Promise<HttpResponseInit> {
  return answer(request, () => pause(request.query, dependencies()));
}

app.http("pause", { methods: ["POST"], authLevel: "function", handler: pauseHttp });
