import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exporterSamples, exposition, seriesText } from "./exporter-samples.ts";
import { readExporterTable } from "./exporter-table.ts";
import { type Fleet, startFleet } from "./fleet.ts";

const NOON = Date.parse("2026-11-28T12:00:00Z") / 1000;
const MACHINE = "10.240.0.4";
const table = readExporterTable();
const valuesAt = (seconds: number, machine = MACHINE): ReadonlyMap<string, number> =>
  new Map(exporterSamples(machine, seconds).map((each) => [seriesText(each), each.value]));
const free = (seconds: number, machine?: string): number | undefined =>
  valuesAt(seconds, machine).get('windows_logical_disk_free_bytes{volume="C:"}');

describe("the answer of an exporter", () => {
  test("has exactly the metrics of the table, with their types and labels", () => {
    const found = Map.groupBy(exporterSamples(MACHINE, NOON), ({ metric }) => metric);
    expect([...found.keys()]).toEqual(table.map(({ name }) => name));
    const labelNames = table.map(({ name }) => [
      ...new Set(found.get(name)?.map(({ labels }) => Object.keys(labels).toSorted().join(","))),
    ]);
    expect(labelNames).toEqual(table.map(({ labels }) => [labels.toSorted().join(",")]));
    const types = [...exposition(MACHINE, NOON).matchAll(/^# TYPE (\S+) (\S+)$/gm)];
    expect(types.map(([, name, type]) => ({ name, type }))).toEqual(table.map(({ name, type }) => ({ name, type })));
  });

  test("has each series once", () => {
    expect(valuesAt(NOON).size).toBe(exporterSamples(MACHINE, NOON).length);
  });

  test("has counters that never fall, and rise unless they count failures", () => {
    const counters = new Set(table.filter(({ type }) => type === "counter").map(({ name }) => name));
    const series = exporterSamples(MACHINE, NOON)
      .filter(({ metric }) => counters.has(metric))
      .map(seriesText);
    const times = Array.from({ length: 61 }, (_, minute) => valuesAt(NOON + minute * 60));
    const smallestRise = (each: string): number =>
      Math.min(...times.slice(1).map((values, index) => Number(values.get(each)) - Number(times[index]?.get(each))));
    const constant = series.filter((each) => smallestRise(each) === 0);
    expect(series.filter((each) => !(smallestRise(each) >= 0))).toEqual([]);
    expect(constant).toEqual(series.filter((each) => /error|discarded|dropped|failure/.test(each)));
    expect(constant).not.toHaveLength(0);
  });

  test("varies with the time and the machine, and with nothing else", () => {
    expect(free(NOON)).toBe(free(NOON));
    expect(free(NOON)).not.toBe(free(NOON + 60));
    expect(free(NOON)).not.toBe(free(NOON, "10.240.0.5"));
  });

  test("tells the version of the exporter, the start of the machine, and what the textfile collector has read", () => {
    const exporter = { version: "0.31.9", bootSeconds: NOON - 60, textfile: 'package_info{package="a"} 1\n' };
    const lines = exposition(MACHINE, NOON, exporter).split("\n");
    expect(lines).toContain(`windows_system_boot_time_timestamp ${NOON - 60}`);
    expect(lines).toContain('package_info{package="a"} 1');
    expect(lines.find((line) => line.startsWith("windows_exporter_build_info{"))).toContain('version="0.31.9"');
    const counters = new Set(table.filter(({ type }) => type === "counter").map(({ name }) => name));
    const values = exporterSamples(MACHINE, NOON, exporter).filter(({ metric }) => counters.has(metric));
    expect(values.filter(({ value }) => value < 0 || value > 100_000_000)).toEqual([]);
  });

  test("has one present state of each service", () => {
    const states = exporterSamples(MACHINE, NOON).filter(({ metric }) => metric === "windows_service_state");
    const present = states.filter(({ value }) => value === 1);
    expect(present.map(({ labels }) => labels["state"])).toEqual(present.map(() => "running"));
    expect(present.map(({ labels }) => labels["name"])).toContain("Kubelet");
  });

  test("gives the counters of a pod's network endpoint for each of its containers", () => {
    const values = exporterSamples(MACHINE, NOON).filter(
      ({ metric, labels }) =>
        metric === "windows_container_network_receive_bytes_total" && labels["interface"] === "hns-a",
    );
    expect(values.map(({ labels }) => labels["container"])).toEqual(["cart", "proxy"]);
    expect(new Set(values.map(({ value }) => value)).size).toBe(1);
  });
});

describe("the proxy", () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet(
      () => [
        { address: MACHINE, hasExporter: true },
        { address: "10.240.0.5", hasExporter: false },
      ],
      { now: () => NOON * 1000 },
    );
  });
  afterAll(() => fleet.stop());

  async function scrape(url: string): Promise<{ status: number | undefined; body: string }> {
    const [response] = (await once(get(fleet.proxyUrl, { path: url }), "response")) as [IncomingMessage];
    return { status: response.statusCode, body: await text(response) };
  }

  test("answers for a machine with an exporter", async () => {
    const scraped = await scrape(`http://${MACHINE}:9182/metrics`);
    expect(scraped).toEqual({ status: 200, body: exposition(MACHINE, NOON) });
  });

  test.each([
    { url: "http://10.240.0.5:9182/metrics", status: 502 },
    { url: "http://10.240.0.6:9182/metrics", status: 502 },
    { url: `http://${MACHINE}:19182/metrics`, status: 502 },
    { url: `http://${MACHINE}:9182/other`, status: 404 },
  ])("answers $status at $url", async ({ url, status }) => {
    expect(await scrape(url)).toMatchObject({ status });
  });
});
