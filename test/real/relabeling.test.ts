import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../seed.ts";
import {
  monitorRelabelings,
  type Overlay,
  OVERLAYS,
  plainScrapeConfig,
  type RelabelConfig,
  type Role,
} from "./overlays.ts";
import { runPrometheus, type Target } from "./prometheus.ts";

const folder = process.env["PROMETHEUS_DIR"] ?? "";
const isRunnable = folder !== "" && existsSync(path.join(folder, "prometheus"));

/** The labels that service discovery gives an endpoint, by role. */
const META: Readonly<Record<Role, { readonly node: string; readonly ready: string }>> = {
  endpoints: { node: "__meta_kubernetes_endpoint_node_name", ready: "__meta_kubernetes_endpoint_ready" },
  endpointslice: {
    node: "__meta_kubernetes_endpointslice_endpoint_node_name",
    ready: "__meta_kubernetes_endpointslice_endpoint_conditions_ready",
  },
};
const ANNOTATION = "__meta_kubernetes_service_annotation_aks_windows_metrics_";

/** Target labels that the operator sets before the relabelings of a ServiceMonitor. */
const OF_OPERATOR = {
  namespace: "monitoring",
  service: "windows-exporter",
  endpoint: "metrics",
  pod: "a",
  container: "b",
};

type Labels = Readonly<Record<string, string>>;

/** An endpoint of a Service, as either role could discover it. */
interface Endpoint {
  readonly role: Role;
  readonly service: string;
  readonly node: string;
  readonly pool: string | undefined;
  readonly ready: "true" | "false" | undefined;
  readonly overlay: string | undefined;
  readonly cluster: string | undefined;
}

const suffix = fc.stringMatching(/^[0-9a-z]{6}$/);
const aksName = fc
  .record({ pool: fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/), suffix })
  .map(({ pool, suffix: last }) => ({ node: `aks${pool}${last}`, pool }));
/** Names that AKS does not give to Windows nodes: too short for a pool, or without the prefix. */
const otherName = fc
  .oneof(
    suffix.map((last) => `aks${last}`),
    fc.constantFrom("aks", "node-1", "win1000000", "xakswin1000000", "10.240.0.4", "worker.example.org"),
  )
  .map((node) => ({ node, pool: undefined }));
const hostile = ["", "$1", "${1}", 'a"b\\c', "a\nb", "\u0000", "shop-rg/shop", "клástr😀", "(.+)", "x".repeat(2000)];

const UNKNOWN_OVERLAYS = [
  ...OVERLAYS.flatMap((name) => [name.toUpperCase(), `${name}2`, `${name}\n`, ` ${name}`, `(${name})?`]),
  OVERLAYS.join("|"),
];

const endpoints: fc.Arbitrary<Endpoint> = fc
  .record({
    role: fc.constantFrom<Role>("endpoints", "endpointslice"),
    service: fc.constantFrom(...Array<string>(6).fill("windows-exporter"), "windows-exporter-2", "windows", ""),
    name: fc.oneof({ weight: 4, arbitrary: aksName }, otherName),
    ready: fc.constantFrom("true" as const, "true" as const, "false" as const, undefined),
    overlay: fc.oneof(fc.constantFrom(undefined, "", ...OVERLAYS), fc.constantFrom(...UNKNOWN_OVERLAYS)),
    cluster: fc.option(fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: "grapheme" })), { nil: undefined }),
  })
  .map(({ name, ...rest }) => ({ ...rest, ...name }));

describe.skipIf(!isRunnable)("the relabelings in a real Prometheus (needs PROMETHEUS_DIR)", () => {
  test.each([
    { overlay: "plain-prometheus", rules: plainScrapeConfig("endpoints").relabel_configs, given: {} },
    { overlay: "prometheus-operator", rules: monitorRelabelings(), given: OF_OPERATOR },
  ] as const)("of $overlay give any endpoint the promised labels, or none", async ({ overlay, rules, given }) => {
    const all = fc.sample(endpoints, { numRuns: 1000, seed });
    const targets = all.map((each, index) => ({ address: addressOf(index), ...discovered(each), ...given }));
    const found = new Map((await relabel(targets, rules)).map(({ scrapeUrl, labels }) => [scrapeUrl, labels]));
    const expected = all.flatMap((each, index) =>
      isScraped(each, overlay) ? [[urlOf(index), labelsOf(each)] as const] : [],
    );
    expect(expected.length).toBeGreaterThan(100);
    expect(found).toEqual(new Map(expected));
  });

  test.each([{ clusters: ["shop", "plant"] }, { clusters: ["", ""] }])(
    "one node in each of two clusters that are annotated '$clusters.0' and '$clusters.1'",
    async ({ clusters }) => {
      const names = { service: "windows-exporter", node: "akswin1000000", pool: "win1", overlay: undefined } as const;
      const both = clusters.map((cluster) => {
        const endpoint = { ...names, role: "endpointslice", ready: "true", cluster } as const;
        return { address: addressOf(0), ...discovered(endpoint) };
      });
      const found = await relabel(both, plainScrapeConfig("endpointslice").relabel_configs);
      expect(found.map(({ labels }) => labels["cluster"] ?? "").toSorted()).toEqual([...new Set(clusters)].toSorted());
    },
  );
});

/** Whether docs/prometheus.md promises a target; the operator selects the Service by its labels. */
function isScraped({ service, ready, overlay: named = "" }: Endpoint, overlay: Overlay): boolean {
  const isOurs = service === "windows-exporter" || overlay === "prometheus-operator";
  return isOurs && ready !== "false" && (named === "" || named === overlay);
}

/** The target labels that docs/prometheus.md promises. */
function labelsOf({ node, pool, cluster }: Endpoint): object {
  return {
    job: "windows-exporter",
    instance: node,
    node,
    ...(pool !== undefined && { agentpool: pool }),
    ...(cluster !== undefined && cluster !== "" && { cluster }),
  };
}

const addressOf = (index: number): string => `10.240.${index >> 8}.${index & 255}:9182`;
const urlOf = (index: number): string => `http://${addressOf(index)}/metrics`;

/** Loads endpoints and rules into Prometheus, and returns its targets. */
async function relabel(
  all: readonly (Labels & { readonly address: string })[],
  rules: readonly RelabelConfig[],
): Promise<readonly Target[]> {
  const home = await mkdtemp(path.join(tmpdir(), "relabeling-"));
  const job = {
    job_name: "windows-exporter",
    scrape_interval: "1d",
    // Nothing listens there, so that no request leaves the machine.
    proxy_url: "http://127.0.0.1:9",
    static_configs: all.map(({ address, ...labels }) => ({ targets: [address], labels })),
    relabel_configs: rules,
  };
  const prometheus = await runPrometheus({ folder, home, config: { scrape_configs: [job] } });
  try {
    const targets = () => prometheus.targets(job.job_name);
    await expect.poll(targets, { timeout: 20_000 }).not.toEqual([]);
    return await targets();
  } finally {
    await prometheus.close();
    await rm(home, { recursive: true });
  }
}

/** The labels before relabeling. */
function discovered({ role, service, node, ready, overlay, cluster }: Endpoint): Labels {
  const meta = {
    __meta_kubernetes_service_name: service,
    [META[role].node]: node,
    [META[role].ready]: ready,
    [`${ANNOTATION}prometheus`]: overlay,
    [`${ANNOTATION}cluster`]: cluster,
  };
  return Object.fromEntries(Object.entries(meta).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
