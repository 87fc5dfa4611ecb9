import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { StartKube } from "../open-kube.ts";
import { startControlPlane } from "../real/control-plane.ts";
import { type World, openWorld } from "../world.ts";
import { entryOf } from "./app-zip.ts";

/**
 * A program that loads the app in a folder into a host, in real time, and runs one function once. It prints as JSON the
 * registered functions, and which of the app's files were loaded before and during the call. Arguments: the folder, the
 * name of the function, and app settings as NAME=VALUE. With `--assets FOLDER`, the cluster has a real control plane.
 */
const MINUTE_MS = 60_000;
const { values, positionals } = parseArgs({ allowPositionals: true, options: { assets: { type: "string" } } });
const [folder = "", name = "", ...pairs] = positionals;
const { assets } = values;
const files: string[] = [];
const prefix = `${pathToFileURL(folder).href}/`;
registerHooks({
  load: (url, context, next) => {
    if (url.startsWith(prefix)) files.push(url.slice(prefix.length));
    return next(url, context);
  },
});

/** Returns the event that Event Grid delivers after AKS has changed a scale set. */
function eventOf({ cluster, arm }: World): object {
  const [scaleSet] = arm.world.scaleSets;
  const data = { resourceUri: scaleSet?.id, operationName: "Microsoft.Compute/virtualMachineScaleSets/write" };
  const type = { eventType: "Microsoft.Resources.ResourceWriteSuccess", dataVersion: "2", metadataVersion: "1" };
  const topic = cluster.id.slice(0, cluster.id.indexOf("/resourceGroups"));
  return { id: "1", topic, subject: scaleSet?.id, eventTime: new Date().toISOString(), data, ...type };
}

const settings = Object.fromEntries(pairs.map((pair) => pair.split("=", 2)));
const startKube: StartKube | undefined = assets
  ? (manifests, now) => startControlPlane({ assets, manifests, now })
  : undefined;
const world = await openWorld({ settings, ...(startKube && { startKube }) });
// Timers run at each full minute. No timer should run, and load its files, during the call.
await world.clock.advance(MINUTE_MS - (world.clock.now() % MINUTE_MS) + 1);
const host = await world.load(() => import(entryOf(folder)));
const atRegistration = [...files];
const found = host.functions.find((each) => each.name === name);
const answers: unknown[] = [];
if (found?.trigger === "httpTrigger") {
  const method = found.options.methods?.[0] ?? "";
  const answer = await fetch(`${host.url}/api/${name}?code=${host.functionKeys[name]}`, { method });
  const isJson = answer.headers.get("content-type")?.includes("json") === true;
  answers.push(answer.status, isJson ? await answer.json() : await answer.text());
} else if (found) {
  const input = found.trigger === "eventGridTrigger" ? JSON.stringify(eventOf(world)) : "";
  const headers = { "content-type": "application/json", "x-functions-key": host.masterKey };
  const request = { method: "POST", headers, body: JSON.stringify({ input }) };
  const answer = await fetch(`${host.url}/admin/functions/${name}`, request);
  answers.push(answer.status);
}
await host.idle();
const executed = host.logs.filter(({ message }) => message.startsWith(`Executed 'Functions.${name}'`));
const functions = host.functions.map(({ name, bindings }) => ({ name, bindings: Object.values(bindings) }));
const result = { functions, atRegistration, atInvocation: files.slice(atRegistration.length), answers };
const loadError = host.loadError instanceof Error ? host.loadError.message : undefined;
console.log(JSON.stringify({ ...result, loadError, executed: executed.map(({ message }) => message) }));
await world.stop();
