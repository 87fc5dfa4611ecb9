import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { FAILURES } from "../simulators/arm/scripted-failures.ts";
import type { World } from "../world.ts";
import { ACTOR_ROUTES } from "./actor-routes.ts";
import type { Routes } from "./call.ts";
import { choiceIn, countIn, durationIn, flagIn, parseBody, Refusal, textIn } from "./input.ts";
import type { Sandbox } from "./sandbox.ts";
import { currentPackage, viewWorld } from "./view.ts";

/** The calls of the control API; docs/sandbox.md describes them. */
export const ROUTES: Routes = {
  "GET /world": async (sandbox) => viewWorld(sandbox, await currentPackage(sandbox.world)),
  "GET /host": async ({ host: { url, masterKey, functionKeys, eventGridKey } }) => {
    return { url, masterKey, functionKeys, eventGridKey };
  },
  "GET /journal": async ({ world }, { query }) => {
    const since = countIn({ since: Number(query.get("since") ?? 0) }, "since", 0);
    return world.arm.journal.filter(({ n }) => n >= since);
  },
  "GET /arm": async ({ world, caFile, publisher }) => {
    const { armUrl: endpoint, packageContainer, identity } = world;
    const { endpoint: identityEndpoint, header: identityHeader } = identity;
    const token = world.operatorToken();
    return {
      endpoint,
      caFile,
      token,
      container: packageContainer.url,
      identityEndpoint,
      identityHeader,
      operator: publisher.identity,
      scrapeProxy: world.fleet.proxyUrl,
    };
  },
  "POST /world/pools/{}/scale": ({ world: { arm, cluster } }, { names, body }) =>
    arm.aks.scale(cluster.id, names[0] ?? "", countIn(body, "count", 0)),
  "POST /world/pools/{}/upgrade": ({ world: { arm, cluster } }, { names, body }) =>
    arm.aks.upgrade(cluster.id, names[0] ?? "", { image: textIn(body, "image") }),
  "POST /world/pools/{}/reconcile": ({ world: { arm, cluster } }, { names }) =>
    arm.aks.reconcile(cluster.id, names[0] ?? ""),
  "POST /world/instances/{}/{}/fail-extension": async ({ world }, { names: [scaleSet = "", id = ""], body }) => {
    const { name } = requireInstance(world, scaleSet, id);
    const times = body["times"] === undefined ? 1 : countIn(body, "times", 1);
    const cause = choiceIn(body, "cause", FAILURES);
    world.arm.failExtension({ scaleSet: name, instanceId: id, cause, times });
  },
  "POST /world/instances/{}/{}/deallocate": ({ world }, { names }) =>
    world.arm.aks.deallocate(names[0] ?? "", names[1] ?? ""),
  "POST /world/instances/{}/{}/start": ({ world }, { names }) => world.arm.aks.start(names[0] ?? "", names[1] ?? ""),
  "POST /world/instances/{}/{}/delete": ({ world }, { names }) =>
    world.arm.aks.deleteInstance(names[0] ?? "", names[1] ?? ""),
  "POST /world/extension": async ({ world }, { body }) => {
    world.dsc.durationMs = durationIn(body, "duration");
  },
  "POST /world/events": async ({ world: { events } }, { body }) => {
    events.arm.deliver = flagIn(body, "deliver");
    events.aks.deliver = events.arm.deliver;
  },
  "POST /world/clock": async ({ world: { clock } }, { body }) => {
    await clock.advance(durationIn(body, "advance"));
    return { clock: new Date(clock.now()).toISOString() };
  },
  ...ACTOR_ROUTES,
};

/** Serves the control API on this machine only; returns its URL and a function that stops it. */
export async function startControl(
  sandbox: Sandbox,
  port: number,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
    };
    answer(sandbox, request).then(
      (body) => send(200, body ?? { done: true }),
      (error: unknown) => {
        const { status, message } = asRefusal(error);
        send(status, { error: message });
      },
    );
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function answer(sandbox: Sandbox, request: IncomingMessage): Promise<unknown> {
  const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://127.0.0.1");
  const asked = `${request.method} ${pathname}`;
  for (const [route, respond] of Object.entries(ROUTES)) {
    const found = new RegExp(`^${route.replaceAll("{}", "([^/]+)")}$`).exec(asked);
    if (!found) continue;
    const body = parseBody(await request.setEncoding("utf8").reduce((all: string, part: string) => all + part, ""));
    return respond(sandbox, { names: found.slice(1).map(decodeURIComponent), body, query });
  }
  throw new Refusal(404, `found '${asked}', expected one of ${Object.keys(ROUTES).join(", ")}`);
}

/** Returns status and message of an error. Invalid calls and errors of Azure have a status; all others are 500. */
function asRefusal(error: unknown): { status: number; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : 500;
  return { status: typeof status === "number" ? status : 500, message };
}

function requireInstance(world: World, scaleSet: string, id: string): { name: string } {
  const found = world.arm.world.scaleSets.find(({ name }) => name.toLowerCase() === scaleSet.toLowerCase());
  if (found?.instances.some((each) => each.id === id)) return found;
  throw new Refusal(404, `no instance ${scaleSet}/${id}`);
}
