import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { codeBlocks } from "../setup/markdown.ts";

const KUBERNETES = "infra/kubernetes";
export const OVERLAYS = ["prometheus-operator", "azure-managed-prometheus", "plain-prometheus"] as const;
export type Overlay = (typeof OVERLAYS)[number];
/** The roles of Prometheus's service discovery that find the nodes. */
export type Role = "endpoints" | "endpointslice";

export const folderOf = (overlay: Overlay | "base"): string =>
  `${KUBERNETES}/${overlay === "base" ? "base" : `overlays/${overlay}`}`;

export const readmeOf = (overlay: Overlay): string => `${folderOf(overlay)}/README.md`;

export interface RelabelConfig {
  readonly source_labels?: readonly string[];
  readonly regex?: string;
  readonly target_label?: string;
  readonly replacement?: string;
  readonly action?: string;
  readonly separator?: string;
}

/** A job of Prometheus's configuration, as its YAML has it. */
export interface ScrapeConfig {
  readonly job_name: string;
  readonly kubernetes_sd_configs: readonly { readonly role: Role; readonly namespaces: object }[];
  readonly relabel_configs: readonly RelabelConfig[];
  readonly [field: string]: unknown;
}

/** Returns the job of the overlay plain-prometheus, with either role. */
export function plainScrapeConfig(role: Role): ScrapeConfig {
  const { scrape_configs: jobs } = parse(read(`${folderOf("plain-prometheus")}/scrape-config.yaml`)) as {
    scrape_configs: readonly ScrapeConfig[];
  };
  const [job] = jobs;
  if (!job || jobs.length > 1) throw new Error(`scrape-config.yaml has ${jobs.length} jobs; expected one`);
  return { ...job, kubernetes_sd_configs: job.kubernetes_sd_configs.map((each) => ({ ...each, role })) };
}

const snakeCase = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Returns the relabelings of the ServiceMonitor, as Prometheus spells them. */
export function monitorRelabelings(): readonly RelabelConfig[] {
  const { spec } = parse(read(`${KUBERNETES}/service-monitor/service-monitor.yaml`)) as {
    readonly spec: { readonly endpoints: readonly { readonly relabelings: readonly Record<string, unknown>[] }[] };
  };
  return spec.endpoints
    .flatMap(({ relabelings }) => relabelings)
    .map((rule) => Object.fromEntries(Object.entries(rule).map(([key, value]) => [snakeCase(key), value])));
}

/** Returns the commands on a page of the project, one for each line of its shell blocks. */
export function commandsOn(page: string): readonly string[] {
  return codeBlocks(read(page))
    .filter(({ language }) => language === "sh")
    .flatMap(({ code }) => code.trim().split("\n"));
}

/** Returns the only command on a page that contains a text, with values for its placeholders. */
export function commandWith(page: string, text: string, values: Readonly<Record<string, string>> = {}): string {
  const [command, ...others] = commandsOn(page).filter((each) => each.includes(text));
  if (command === undefined || others.length > 0) throw new Error(`${page}: not one command with '${text}'`);
  return fillIn(command, values);
}

/** Returns a command with values for its placeholders, which are words in capitals. */
export function fillIn(command: string, values: Readonly<Record<string, string>>): string {
  return command.replaceAll(/\b[A-Z]{2,}\b/g, (name) => values[name] ?? name);
}

function read(file: string): string {
  return readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
}
