import type { IncomingMessage, ServerResponse } from "node:http";
import { html } from "../../../shared/report/html.ts";
import { renderDocument } from "../../../shared/report/page/document.ts";
import { PAGE_HEADERS } from "../../../shared/report/page/page.ts";
import type { Line } from "../feed.ts";
import type { Sandbox } from "../sandbox.ts";
import { viewWorld, type WorldView } from "../view.ts";
import { renderSandbox, SANDBOX_HEADERS } from "./page.ts";
import { renderLine } from "./story-part.ts";
import { renderWorld } from "./world-part.ts";

const CHANGED_EVERY_MS = 400;

/** A sandbox that is being opened, or is open. */
interface Opening {
  readonly sandbox: Sandbox | undefined;
  readonly opened: Promise<Sandbox>;
}

/** Answers the requests of the page; returns whether it was one. */
export async function servePage(
  { sandbox, opened }: Opening,
  { method, url = "" }: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (method !== "GET") return false;
  if (url === "/") {
    response.writeHead(200, SANDBOX_HEADERS).end(renderSandbox());
  } else if (url === "/status") {
    // The app's page lets nobody embed it.
    const policy = String(PAGE_HEADERS["content-security-policy"]).replace("ancestors 'none'", "ancestors 'self'");
    response.writeHead(200, { ...PAGE_HEADERS, "content-security-policy": policy }).end(await statusPage(sandbox));
  } else if (url === "/stream") {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" }).flushHeaders();
    void opened.then((it) => stream(it, response));
  } else {
    return false;
  }
  return true;
}

async function statusPage(sandbox: Sandbox | undefined): Promise<string> {
  if (sandbox?.app.address) return (await sandbox.app.fetch("status", { accept: "text/html" })).text();
  const why = sandbox ? "No app: another host runs it, and POST /host has not told where." : "The app starts.";
  return renderDocument("No app", html`<main><h1>${why}</h1></main>`);
}

/** Sends what changes, as server-sent events: the world, lines of the feed, and that the status is another one. */
function stream(sandbox: Sandbox, response: ServerResponse): void {
  const send = (event: string, data: object): void =>
    void response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  const sendLine = (line: Line): void => send("line", { at: line.at, html: renderLine(line).toString() });
  const known = { world: "", status: "" };
  const tell = async (): Promise<void> => {
    const view = await viewWorld(sandbox);
    send("clock", { clock: view.clock.slice(11, 16), speed: view.speed });
    const world = renderWorld(view).toString();
    if (world !== known.world) send("world", { html: world, ...targetsOf(view) });
    const status = await statusPage(sandbox);
    if (status !== known.status) send("status", {});
    Object.assign(known, { world, status });
  };
  send("opened", { real: sandbox.real.join(", ") });
  for (const line of sandbox.feed.lines) sendLine(line);
  const unlisten = sandbox.feed.listen(sendLine);
  const next = async (): Promise<void> => {
    await tell().catch(() => undefined);
    if (!response.closed) setTimeout(() => void next(), CHANGED_EVERY_MS);
  };
  void next();
  response.on("close", unlisten);
}

/** Returns the pools and nodes that can be chosen, each with its text. */
function targetsOf({ clusters, scaleSets }: WorldView) {
  const pools = clusters.flatMap((cluster) => cluster.pools.filter(({ os }) => os === "Windows"));
  const sets = scaleSets.filter(({ name }) => pools.some(({ scaleSet }) => scaleSet === name));
  return {
    pools: pools.map(({ name }) => [name, name]),
    instances: sets.flatMap(({ name, instances }) => instances.map(({ id, node }) => [`${name}/${id}`, node])),
  };
}
