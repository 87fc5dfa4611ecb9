import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { METRICS_PREFIX, type MetricName } from "../../shared/report/metrics-table.ts";
import { checkMetrics, hasPromtool } from "../monitoring/promtool.ts";
import type { FunctionsHost } from "../simulators/host/functions-host.ts";
import { openWorld } from "../world.ts";

const MINUTE_MS = 60_000;
const world = await openWorld();
let host: FunctionsHost;
beforeAll(async () => {
  host = await world.load(() => import("../../functions/main.ts"));
});
afterAll(() => world.stop());

async function metrics(query = ""): Promise<{ readonly status: number; readonly type: string; readonly text: string }> {
  const headers = { "x-functions-key": host.functionKeys["metrics"] ?? "" };
  const answer = await fetch(`${host.url}/api/metrics${query}`, { headers });
  return { status: answer.status, type: answer.headers.get("content-type") ?? "", text: await answer.text() };
}

/** Returns the series of a metric, without the prefix. */
function seriesOf(text: string, metric: MetricName): readonly string[] {
  const begin = `${METRICS_PREFIX}${metric}{`;
  return text.split("\n").flatMap((line) => (line.startsWith(begin) ? [line.slice(METRICS_PREFIX.length)] : []));
}

test("before the first pass, the series of a known cluster are there", async () => {
  const { status, type, text } = await metrics();
  expect({ status, type }).toEqual({ status: 200, type: "text/plain; version=0.0.4; charset=utf-8" });
  expect(seriesOf(text, "next_pass_timestamp_seconds")).toContain(
    'next_pass_timestamp_seconds{cluster="shop",flow="extension"} 0',
  );
  expect(seriesOf(text, "nodes")).toContain('nodes{cluster="shop",state="blind",reason=""} 0');
});

test("after the installation, every node is covered, and actions are counted", async () => {
  await world.clock.advance(25 * MINUTE_MS);
  const { text } = await metrics();
  expect(seriesOf(text, "nodes")).toContain('nodes{cluster="shop",state="covered",reason=""} 5');
  expect(seriesOf(text, "node_status")).toEqual([]);
  expect(seriesOf(text, "actions_total")).toContain(
    'actions_total{cluster="shop",flow="extension",action="put-extension",reason="added",outcome="submitted"} 2',
  );
  expect(seriesOf(text, "desired_package_info")[0]).toContain(`package="${world.package.hash}"`);
  const [expiry = ""] = seriesOf(text, "package_link_expiry_timestamp_seconds");
  expect(Number(expiry.split(" ").at(-1)) * 1000).toBeGreaterThan(world.clock.now() + 3 * 24 * 60 * MINUTE_MS);
});

test("the series of one cluster have no label for it", async () => {
  const { text } = await metrics("?cluster=shop");
  expect(text).not.toContain("cluster=");
  expect(seriesOf(text, "nodes")).toContain('nodes{state="covered",reason=""} 5');
});

test("an unknown cluster is refused, with the names that are known", async () => {
  expect(await metrics("?cluster=depot")).toMatchObject({
    status: 404,
    text: expect.stringContaining("expected one of: shop"),
  });
});

test("a denied write is counted as failed, and the node has a series with its state", async () => {
  await world.arm.actors.assignPolicy({ name: "no-dsc", type: "Microsoft.Powershell.DSC", effect: "deny" });
  await world.arm.aks.reconcile(world.cluster.id, "win1");
  await world.clock.advance(30 * MINUTE_MS);
  const { text } = await metrics();
  expect(seriesOf(text, "actions_total").join("\n")).toMatch(/reason="missing",outcome="failed"} [1-9]/);
  expect(seriesOf(text, "scale_sets")).toContain(
    'scale_sets{cluster="shop",pool="win1",state="refused",reason="denied-by-policy"} 1',
  );
});

test("the answer has no key and no link", async () => {
  const { text } = await metrics();
  expect(text).not.toMatch(/sig=|https?:/);
  for (const key of [...Object.values(host.functionKeys), host.masterKey]) expect(text).not.toContain(key);
});

describe.skipIf(!hasPromtool)("promtool (needs PROMETHEUS_DIR)", () => {
  test.each(["", "?cluster=shop"])("check metrics finds nothing in the answer to '%s'", async (query) => {
    const { text } = await metrics(query);
    expect(await checkMetrics(text)).toEqual({ isSuccess: true, output: "" });
  });
});
