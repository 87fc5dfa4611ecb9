import * as v from "valibot";
import type { Action } from "./action.ts";
import { ACTIONS } from "./actions.ts";
import { parseInput, Refusal, text } from "./input.ts";
import type { Sandbox } from "./sandbox.ts";
import { viewWorld } from "./view.ts";

/** A call of the control API. */
interface Call {
  /** The values of the path's placeholders. */
  readonly names: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  readonly query: URLSearchParams;
}

type Answer = (sandbox: Sandbox, call: Call) => Promise<unknown>;

/** The calls of the control API by method and path; `{name}` is a placeholder. */
export const ROUTES: Readonly<Record<string, Answer>> = {
  "GET /world": viewWorld,
  "GET /host": async ({ app: { address } }) => {
    if (!address) throw new Refusal(409, "no app: expected a host that POST /host has told");
    const { url, masterKey, functionKeys, eventGridKey } = address;
    return { url, masterKey, functionKeys, eventGridKey };
  },
  "POST /host": ({ app }, { body }) => app.connect(parseInput(HOST, body)),
  "GET /settings": async (sandbox) => settingsOf(sandbox),
  "GET /journal": async ({ world }, { query }) => {
    const since = Number(query.get("since") ?? 0);
    if (!Number.isInteger(since)) throw new Refusal(400, `since: found '${query.get("since")}', expected a number`);
    return world.arm.journal.filter(({ n }) => n >= since);
  },
  "GET /feed": async ({ feed }) => feed.lines,
  "GET /arm": async ({ world, caFile, publisher }) => ({
    endpoint: world.armUrl,
    caFile,
    token: world.operatorToken(),
    container: world.packageContainer.url,
    identityEndpoint: world.identity.endpoint,
    identityHeader: world.identity.header,
    operator: publisher.identity,
    scrapeProxy: world.fleet.proxyUrl,
    ...publisher.writeSources(),
  }),
  ...Object.fromEntries(ACTIONS.map((each) => [`POST ${each.path}`, answerOf(each)])),
};

const HOST = {
  url: v.pipe(text(), v.url("the address of a Functions host")),
  eventGridKey: text(),
  masterKey: v.optional(text()),
  functionKeys: v.optional(v.record(v.string(), v.string(), "an object of keys by function"), {}),
};

/** Carries out an action, and tells it to the audience. */
function answerOf(action: Action): Answer {
  return async (sandbox, { names, body }) => {
    const values = { ...names, ...body };
    const run = action.parse(names, body);
    sandbox.feed.add({ who: "you", text: `${action.says(values)}.` });
    const result = await run(sandbox).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      sandbox.feed.add({ who: "you", text: `Refused: ${message}`, level: "trouble" });
      throw error;
    });
    const [key, text] = action.holds?.(values) ?? [];
    if (key !== undefined && text === undefined) sandbox.conditions.delete(key);
    if (key !== undefined && text !== undefined) sandbox.conditions.set(key, text);
    return result;
  };
}

/** Returns the settings of a host that runs the app in another process, as `local.settings.json`. */
function settingsOf({ world, caFile }: Sandbox): object {
  const own = Object.entries(world.settings).filter(([name]) => !name.startsWith("APPLICATIONINSIGHTS_"));
  const ofHost = {
    FUNCTIONS_WORKER_RUNTIME: "node",
    AzureWebJobsSecretStorageType: "files",
    // Node trusts the simulators by the first one, .NET by the second.
    NODE_EXTRA_CA_CERTS: caFile,
    SSL_CERT_FILE: caFile,
  };
  return { IsEncrypted: false, Values: { ...Object.fromEntries(own), ...ofHost } };
}
