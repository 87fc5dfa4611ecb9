import { once } from "node:events";
import https from "node:https";
import { afterAll, expect, test } from "vitest";
import { createKubeAgent, sendKube } from "../../../shared/clients/kubernetes/http.ts";
import { makeCertificate } from "../../certificates.ts";

const { cert, key } = await makeCertificate();
/** Methods of the requests that the server has read, in order. */
let received: string[] = [];
const server = https.createServer({ cert, key }, (request, response) => {
  received.push(request.method ?? "");
  // The second request of a connection is read, and the connection is closed instead of a response.
  if (received.length === 2) request.socket.destroy();
  else response.end("{}");
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
const url = `https://127.0.0.1:${typeof address === "object" ? address?.port : 0}/api`;
afterAll(() => void server.close());

function request(method: string) {
  return { url, method, headers: {}, body: method === "PATCH" ? "{}" : undefined };
}

test.each([
  { method: "GET", sent: ["GET", "GET", "GET"], result: "status 200" },
  { method: "PATCH", sent: ["GET", "PATCH"], result: "KubeConnectionError" },
  { method: "DELETE", sent: ["GET", "DELETE"], result: "KubeConnectionError" },
])("a $method on a reused connection that the server closes: $result", async ({ method, sent, result }) => {
  received = [];
  const agent = createKubeAgent({ ca: cert });
  const signal = AbortSignal.timeout(10_000);
  await sendKube(agent, request("GET"), signal);
  const second = await sendKube(agent, request(method), signal).then(
    ({ status }) => `status ${status}`,
    (error: unknown) => (error instanceof Error ? error.name : ""),
  );
  expect({ received, second }).toEqual({ received: sent, second: result });
  agent.destroy();
});
