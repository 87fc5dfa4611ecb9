import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test, vi } from "vitest";
import { parse } from "yaml";
import { codeBlocks } from "../setup/markdown.ts";
import { openWorld } from "../world.ts";
import { runPrometheus } from "./prometheus.ts";

const folder = process.env["PROMETHEUS_DIR"] ?? "";
const MINUTE_MS = 60_000;

/** Returns the scrape configuration on docs/metrics.md. */
function documentedConfig(): string {
  const page = readFileSync(new URL("../../docs/metrics.md", import.meta.url), "utf8");
  return codeBlocks(page).find(({ language }) => language === "yaml")?.code ?? "";
}

test.skipIf(folder === "")(
  "Prometheus scrapes the app with its key in a header from a file, and shows the key nowhere (needs PROMETHEUS_DIR)",
  async () => {
    const world = await openWorld();
    const host = await world.load(() => import("../../functions/main.ts"));
    await world.clock.advance(25 * MINUTE_MS);
    const home = await mkdtemp(path.join(tmpdir(), "prometheus-"));
    const key = host.functionKeys["metrics"] ?? "";
    await writeFile(path.join(home, "key"), key);
    const text = documentedConfig()
      .replace("scheme: https", "scheme: http")
      .replace("scrape_interval: 60s", "scrape_interval: 1s")
      .replace("/etc/prometheus/secrets/aks-windows-metrics-key", path.join(home, "key"))
      .replace("APP.azurewebsites.net", new URL(host.url).host);
    const prometheus = await runPrometheus({ folder, home, config: parse(text) });
    try {
      await vi.waitUntil(async () => (await prometheus.query("aks_windows_metrics_build_info")).length > 0, {
        timeout: 30_000,
        interval: 200,
      });
      const covered = await prometheus.query('aks_windows_metrics_nodes{cluster="shop",state="covered"}');
      expect(covered.map(({ value }) => value)).toEqual([5]);
      expect((await prometheus.query('up{job="aks-windows-metrics"}')).map(({ value }) => value)).toEqual([1]);
      for (const resource of ["targets", "status/config"]) {
        const shown = await (await fetch(`${prometheus.url}/api/v1/${resource}`)).text();
        expect(shown).toContain("aks-windows-metrics");
        expect(shown).not.toContain(key);
      }
    } finally {
      await prometheus.close();
      await rm(home, { recursive: true });
      await world.stop();
    }
  },
);
