import { RE2JS } from "re2js";
import { type Expected, type ExpectedKeys, isOneOf } from "./expected-keys.ts";

/** The folder in which the node's module writes the metric of the package. */
const METRIC_FOLDER = String.raw`C:\Program Files\aks-windows-metrics\textfile_inputs`;

const REGEX: Expected = { expected: "a regular expression of RE2", holds: isRegex };

/**
 * The values that the exporter takes for some keys of its configuration file, and those with which it starts and the
 * node's module finds it unhealthy. The exporter exits for any other value (its flags, and `New` of its collectors).
 */
const VALUES: ExpectedKeys = {
  "collector.logical_disk.volume-exclude": REGEX,
  "collector.net.nic-exclude": REGEX,
  "collector.process.counter-version": isOneOf([0, 1, 2]),
  "collector.service.include": REGEX,
  "collector.textfile.directories": {
    expected: `'${METRIC_FOLDER}' among them, in which the module writes the metric of the package`,
    holds: (value) => Array.isArray(value) && value.includes(METRIC_FOLDER),
  },
  "log.format": isOneOf(["logfmt", "json"]),
  "log.level": isOneOf(["debug", "info", "warn", "error"]),
  // The limit 0 makes release 0.31 collect garbage all the time.
  "process.memory-limit": { expected: "a number of bytes from 1, as a text", holds: isText(/^[1-9]\d{0,17}$/) },
  "process.priority": isOneOf(["realtime", "high", "abovenormal", "normal", "belownormal", "low"]),
  "scrape.timeout-margin": { expected: "a number of seconds, as a text", holds: isText(/^\d+(?:\.\d+)?$/) },
  "telemetry.path": { expected: "/metrics, which the module reads", holds: isText(/^\/metrics$/) },
};

/** Returns what a key's value must be if the exporter or the module refuses this one. */
export function findValueFault(key: string, value: unknown): string | undefined {
  const wanted = Object.hasOwn(VALUES, key) ? VALUES[key] : undefined;
  return wanted === undefined || wanted.holds(value) ? undefined : wanted.expected;
}

/** The exporter compiles an expression twice: as it stands in the file, and to match whole names. */
function isRegex(value: unknown): boolean {
  try {
    for (const pattern of [String(value), `^(?:${String(value)})$`]) RE2JS.compile(pattern);
    return true;
  } catch {
    return false;
  }
}

function isText(pattern: RegExp): (value: unknown) => boolean {
  return (value) => typeof value === "string" && pattern.test(value);
}
