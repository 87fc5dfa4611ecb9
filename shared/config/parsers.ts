import * as v from "valibot";
import { type ClusterId, parseClusterId } from "../model/ids.ts";
import { isPackageHash } from "../model/package.ts";
import { SCRAPE_SOURCES, type ScrapeSource } from "../model/slice.ts";

/** Returns a schema that parses a text by a function, which throws if the text is not valid. */
export function parsedBy<T>(parse: (text: string) => T) {
  return v.pipe(
    v.string(),
    v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
      try {
        return parse(dataset.value);
      } catch {
        addIssue();
        return NEVER;
      }
    }),
  );
}

const DURATION = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/;

/** Parses an ISO 8601 duration of hours, minutes and seconds, but not of zero; returns milliseconds. */
export function parseDuration(text: string): number {
  const ms = parseWait(text);
  if (ms === 0) throw new TypeError("a duration of zero");
  return ms;
}

/** Parses an ISO 8601 duration of hours, minutes and seconds, which may be zero; returns milliseconds. */
export function parseWait(text: string): number {
  const [whole, hours = "0", minutes = "0", seconds = "0"] = DURATION.exec(text) ?? [];
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  if (whole === undefined || whole === "PT") throw new TypeError("not a duration");
  return ms;
}

/** Parses a whole number from 1. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new TypeError("not a whole number from 1");
  return count;
}

/** Parses an https URL without query and credentials; returns it without a slash at the end. */
export function parseHttps(text: string): string {
  if (new URL(text).protocol !== "https:") throw new TypeError("not an https address");
  return parseWebAddress(text);
}

/** Parses an http or https URL without query, fragment and credentials; returns it without a slash at the end. */
export function parseWebAddress(text: string): string {
  const { protocol, search, hash, username } = new URL(text);
  if (!/^https?:$/.test(protocol) || search !== "" || hash !== "" || username !== "") {
    throw new TypeError("not a plain web address");
  }
  return text.replace(/\/+$/, "");
}

/** Parses the URL of a blob container. */
export function parseContainer(text: string): string {
  const url = parseHttps(text);
  if (new URL(url).pathname.length < 2) throw new TypeError("no container");
  return url;
}

/** Parses the ids of at least one managed cluster; returns each once. */
export function parseClusterIds(text: string): readonly ClusterId[] {
  const ids = parseList(text).map(parseClusterId);
  if (ids.length === 0) throw new TypeError("no id");
  return [...new Set(ids)];
}

/** AKS: lower-case letters and digits, a letter first. */
const POOL_NAME = /^[a-z][a-z0-9]*$/;

/** Parses pool names; returns them in lower case. */
export function parsePools(text: string): ReadonlySet<string> {
  return new Set(parseList(text.toLowerCase()));
}

/** Parses pool names, or `*` for all; returns names in lower case. */
export function parsePoolsOrAll(text: string): ReadonlySet<string> | "all" {
  const names = parsePools(text);
  if (names.has("*") && names.size === 1) return "all";
  if (![...names].every((each) => POOL_NAME.test(each))) throw new TypeError("not the names of pools");
  return names;
}

/** Parses the name of a node pool; returns it in lower case. */
export function parsePool(text: string): string {
  const [name, ...others] = parseList(text.toLowerCase());
  if (name === undefined || others.length > 0 || !POOL_NAME.test(name)) throw new TypeError("not one name");
  return name;
}

/** Parses the hashes of packages. */
export function parseHashes(text: string): ReadonlySet<string> {
  const hashes = parseList(text.toLowerCase());
  if (!hashes.every(isPackageHash)) throw new TypeError("not a hash");
  return new Set(hashes);
}

/** Splits a text at commas, semicolons and white space. */
function parseList(text: string): readonly string[] {
  return text.split(/[\s,;]+/).filter((each) => each !== "");
}

const SOURCE = v.picklist(SCRAPE_SOURCES);

/** Parses POOL=SOURCE pairs; returns the source by pool name in lower case. */
export function parseSources(text: string): ReadonlyMap<string, ScrapeSource> {
  const pairs = parseList(text.toLowerCase()).map((pair) => {
    const [pool = "", name = "", ...rest] = pair.split("=");
    if (pool === "" || rest.length > 0) throw new TypeError("not POOL=SOURCE");
    return [pool, v.parse(SOURCE, name)] as const;
  });
  return new Map(pairs);
}

/** Parses the name of a namespace (an RFC 1123 label). */
export function parseNamespace(text: string): string {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) throw new TypeError("not a namespace");
  return text;
}

/** Parses a percentage; returns a number from 0.01 to 1. */
export function parseShare(text: string): number {
  const [, digits] = /^(\d+)%$/.exec(text) ?? [];
  const share = Number(digits) / 100;
  if (!(share >= 0.01 && share <= 1)) throw new TypeError("not a share");
  return share;
}
