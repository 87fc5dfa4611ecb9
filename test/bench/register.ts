import { loadApp } from "../simulators/host/core-api.ts";

/** A program that loads the entry in its argument, and prints the milliseconds until all functions are registered. */
const [entry = ""] = process.argv.slice(2);
// A worker has loaded these modules before, for its connection to the host.
await Promise.all([import("node:http"), import("node:https")]);
const startedAt = performance.now();
const { functions, loadError } = await loadApp(
  () => import(entry),
  () => {},
);
const tookMs = performance.now() - startedAt;
if (functions.length === 0) throw new Error(`${entry} registered no function`, { cause: loadError });
console.log(JSON.stringify({ tookMs, functions: functions.length }));
