import { expect, test } from "vitest";
import { parseClusterId } from "../../shared/model/ids.ts";
import { dashboardOf } from "../../shared/report/dashboards.ts";
import { APP } from "./stored.ts";

const idOf = (group: string, name: string) =>
  parseClusterId(
    `/subscriptions/s/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/${name}`,
  );
const [shop, depot, otherShop] = [idOf("a", "shop"), idOf("a", "depot"), idOf("b", "shop")];
const FLEET = "https://grafana.example/team/d/aks-windows-fleet";

// A Prometheus in the only cluster may have no label for it.
test.each([
  { of: "the only cluster selects nothing", clusters: [shop], url: FLEET },
  { of: "one of two clusters selects it", clusters: [shop, depot], url: `${FLEET}?var-cluster=shop` },
  { of: "a cluster whose name another one has", clusters: [shop, otherShop], url: `${FLEET}?var-cluster=a%2Fshop` },
])("the dashboard of $of", ({ clusters, url }) => {
  expect(dashboardOf(shop, { ...APP, clusters, grafanaUrl: "https://grafana.example/team" })).toBe(url);
});

test("without GRAFANA_URL there is none", () => {
  expect(dashboardOf(shop, { ...APP, clusters: [shop, depot] })).toBeUndefined();
});
