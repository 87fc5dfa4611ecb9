import { isRecord } from "../shared/model/json.ts";
import type { ConfigurationArguments } from "../shared/model/package.ts";
import { findFreeFaults } from "./arguments.ts";
import { BOOLEAN, type Expected, type ExpectedKeys, findKeyFaults, SHA256 } from "./expected-keys.ts";
import { findCollectorFaults } from "./exporter-config.ts";
import { isThisMachine } from "./this-machine.ts";
import { isBelow, isVersion } from "./version.ts";

/** The definition of a package: `release.json`. */
export interface Release {
  readonly exporter: Exporter;
  readonly collectors: readonly string[];
  readonly arguments: ConfigurationArguments;
  /** Whether the package can be published to a container on another machine. */
  readonly deployable: boolean;
}

/** An installer of windows_exporter. */
export interface Exporter {
  /** X.Y.Z */
  readonly version: string;
  /** The download URL. */
  readonly url: string;
  /** 64 lower-case hex digits. The installer is self-signed, so only this hash vouches for its content. */
  readonly sha256: string;
}

/**
 * The minimum version of a release: before 0.31.6, the network counters of containers are wrong or zero
 * (windows_exporter pull request 2379).
 */
const LOWEST_MINIMUM = "0.31.6";

const OBJECT: Expected = { expected: "an object", holds: isRecord };
const VERSION: Expected = { expected: "a version X.Y.Z", holds: isVersion };

const RELEASE_KEYS: ExpectedKeys = {
  exporter: OBJECT,
  minimumVersion: VERSION,
  collectors: { expected: "a list of texts", holds: isTexts },
  arguments: OBJECT,
  deployable: BOOLEAN,
};

const EXPORTER_KEYS: ExpectedKeys = {
  version: VERSION,
  url: { expected: "an https address", holds: isDownload },
  sha256: SHA256,
};

/** Reads a release file; throws an error that lists all its faults. */
export function parseRelease(text: string, file: string): Release {
  const json = parseJson(text, file);
  const [exporter, args] = [recordOf(json["exporter"]), recordOf(json["arguments"])];
  const collectors = isTexts(json["collectors"]) ? json["collectors"] : undefined;
  const faults = [
    ...findKeyFaults(json, RELEASE_KEYS, ""),
    ...findKeyFaults(exporter, EXPORTER_KEYS, "exporter."),
    ...findFreeFaults(args),
    ...findVersionFaults(json["minimumVersion"], exporter["version"]),
    ...(collectors ? findCollectorFaults("collectors", collectors) : []),
  ];
  if (faults.length > 0 || !collectors) throw new Error([`${file} is refused:`, ...faults].join("\n  - "));
  return {
    exporter: {
      version: String(exporter["version"]),
      url: String(exporter["url"]),
      sha256: String(exporter["sha256"]).toLowerCase(),
    },
    collectors,
    arguments: plainValuesOf(args),
    deployable: json["deployable"] === true,
  };
}

function parseJson(text: string, file: string): Readonly<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is refused: expected JSON: ${String(error)}`, { cause: error });
  }
  if (!isRecord(json)) throw new Error(`${file} is refused: expected a JSON object`);
  return json;
}

function findVersionFaults(minimum: unknown, version: unknown): readonly string[] {
  if (!isVersion(minimum) || !isVersion(version)) return [];
  const why = "earlier ones count containers' network wrongly";
  const low = `minimumVersion: found ${minimum}, expected ${LOWEST_MINIMUM} or later: ${why}`;
  const below = `exporter.version: found ${version}, expected minimumVersion, ${minimum}, or later`;
  return [...(isBelow(minimum, LOWEST_MINIMUM) ? [low] : []), ...(isBelow(version, minimum) ? [below] : [])];
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

/** Allows unencrypted HTTP only from this machine. */
function isDownload(value: unknown): boolean {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  const { protocol, username } = new URL(value);
  return username === "" && (protocol === "https:" || (protocol === "http:" && isThisMachine(value)));
}

/** Returns an empty record for a value that is not an object; that fault is reported elsewhere. */
function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function plainValuesOf(args: Readonly<Record<string, unknown>>): ConfigurationArguments {
  return Object.fromEntries(Object.entries(args).filter((entry) => isPlain(entry)));
}

function isPlain(entry: [string, unknown]): entry is [string, string | number | boolean] {
  return ["string", "number", "boolean"].includes(typeof entry[1]);
}
