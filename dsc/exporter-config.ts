import { parseDocument } from "yaml";
import { isRecord } from "../shared/model/json.ts";
import { findValueFault } from "./exporter-values.ts";

/** The release of windows_exporter that the tables below were made from. */
export const TABLES_VERSION = "0.31.8";

/** Collectors of windows_exporter 0.31.8 by name, and its keyword for those enabled by default (its README). */
const COLLECTORS: ReadonlySet<string> = new Set(
  `[defaults] ad adcs adfs cache container cpu cpu_info dfsr dhcp diskdrive dns exchange filetime fsrmquota gpu hyperv
  iis license logical_disk memory mscluster msmq mssql net netframework nps os pagefile performancecounter physical_disk
  printer process remote_fx scheduled_task service smb smbclient smtp system tcp terminal_services textfile thermalzone
  time udp update vmware`.split(/\s+/),
);

type Kind = "boolean" | "number" | "text" | "list of texts";

/**
 * Keys of windows_exporter 0.31.8's configuration file (`internal/config` and `Config` of each collector in its
 * sources) that a package may need. The exporter exits if it finds an unknown key.
 */
const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ["collector.logical_disk.volume-exclude", "text"],
  ["collector.net.nic-exclude", "text"],
  ["collector.process.cmdline", "boolean"],
  ["collector.process.counter-version", "number"],
  ["collector.service.include", "text"],
  ["collector.textfile.directories", "list of texts"],
  ["collectors.enabled", "text"],
  ["debug.enabled", "boolean"],
  ["log.file", "text"],
  ["log.format", "text"],
  ["log.level", "text"],
  ["process.memory-limit", "text"],
  ["process.priority", "text"],
  ["scrape.timeout-margin", "text"],
  ["telemetry.path", "text"],
  ["web.config.file", "text"],
  ["web.disable-exporter-metrics", "boolean"],
  ["web.listen-address", "text"],
]);

/** The placeholder that the node's module replaces with the port. */
const LISTEN_ADDRESS = ":{{Port}}";
const COLLECTORS_PLACEHOLDER = "{{Collectors}}";

/** Returns the configuration file of a package; `header` is its first line. */
export function renderConfig(template: string, header: string, collectors: readonly string[]): string {
  const text = template.replaceAll("\r\n", "\n");
  if (text.split(COLLECTORS_PLACEHOLDER).length !== 2) {
    throw new Error(`config.yaml: expected ${COLLECTORS_PLACEHOLDER} in it once, as collectors.enabled`);
  }
  return `${header}\n${text.replace(COLLECTORS_PLACEHOLDER, () => collectors.join(","))}`;
}

/** Returns the faults of a package's configuration file: what was found, what is known, what to do. */
export function findConfigFaults(text: string): readonly string[] {
  if (/[\r\uFEFF]/.test(text)) return ["config.yaml: expected lines that end with LF and no byte order mark"];
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) return [`config.yaml: expected YAML: ${error.message}`];
  const values: unknown = document.toJS();
  if (!isRecord(values)) return ["config.yaml: expected keys and values"];
  return [...findUnreplaced(text, values), ...flatten(values).flatMap(([key, value]) => findFaults(key, value))];
}

/** Returns a fault of `where` for each name that is not a collector of windows_exporter. */
export function findCollectorFaults(where: string, names: readonly string[]): readonly string[] {
  const known = [...COLLECTORS].join(", ");
  const unknown = names.filter((name) => !COLLECTORS.has(name));
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return [
    ...unknown.map((name) => `${where}: found the unknown collector '${name}'; correct it, ${remedy(known)}`),
    ...twice.map((name) => `${where}: found the collector '${name}' twice; remove one`),
    ...(names.length === 0 ? [`${where}: found no collector, expected one at least`] : []),
  ];
}

function remedy(known: string): string {
  return `or add it to dsc/exporter-config.ts if the release has it; known in ${TABLES_VERSION}: ${known}`;
}

function findUnreplaced(text: string, values: Readonly<Record<string, unknown>>): readonly string[] {
  const web = values["web"];
  const isPlaced = isRecord(web) && web["listen-address"] === LISTEN_ADDRESS && text.split("{{").length === 2;
  return isPlaced ? [] : [`config.yaml: expected web.listen-address '${LISTEN_ADDRESS}' and no other placeholder`];
}

/** Returns the leaves by path, `a.b.c`. A key that contains a dot is quoted: to the exporter it is another key. */
function flatten(values: Readonly<Record<string, unknown>>, path = ""): readonly (readonly [string, unknown])[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const name = `${path}${key.includes(".") ? `'${key}'` : key}`;
    return isRecord(value) ? flatten(value, `${name}.`) : [[name, value] as const];
  });
}

function findFaults(key: string, value: unknown): readonly string[] {
  const kind = KINDS.get(key);
  if (kind === undefined) {
    return [`config.yaml: found the unknown key ${key}; correct it, ${remedy([...KINDS.keys()].join(", "))}`];
  }
  if (kindOf(value) !== kind) return [`config.yaml: ${key}: found ${JSON.stringify(value)}, expected a ${kind}`];
  const expected = findValueFault(key, value);
  if (expected !== undefined) return [`config.yaml: ${key}: found ${JSON.stringify(value)}, expected ${expected}`];
  if (key !== "collectors.enabled") return [];
  return findCollectorFaults(`config.yaml: ${key}`, String(value).split(","));
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return value.every((each) => typeof each === "string") ? "list of texts" : "list";
  return typeof value === "string" ? "text" : typeof value;
}
