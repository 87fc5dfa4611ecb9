import { loadApp } from "../simulators/host/core-api.ts";

/** A program: loads the entry that is its argument, and prints how many milliseconds it took until all was registered. */
const [entry = ""] = process.argv.slice(2);
// The worker has its connection to the host by then, and with it what Node needs for one.
await Promise.all([import("node:http"), import("node:https")]);
const startedAt = performance.now();
const { functions, loadError } = await loadApp(
  () => import(entry),
  () => {},
);
const tookMs = performance.now() - startedAt;
if (functions.length === 0) throw new Error(`${entry} registered no function`, { cause: loadError });
console.log(JSON.stringify({ tookMs, functions: functions.length }));
