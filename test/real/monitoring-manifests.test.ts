import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ruleFiles } from "../monitoring/rule-files.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";

const assets = process.env["KUBEBUILDER_ASSETS"] ?? "";
const crd = path.join(process.env["PROMETHEUS_OPERATOR_CRDS"] ?? "", "monitoring.coreos.com_prometheusrules.yaml");
const kubectl = path.join(assets, "kubectl");
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MONITORING = "infra/kubernetes/monitoring";
const MIB = 1024 ** 2;
let control: ControlPlane;

function run(args: readonly string[], input = "") {
  return spawnSync(kubectl, ["--kubeconfig", control.kubeconfigPath, "--namespace", "monitoring", ...args], {
    cwd: ROOT,
    input,
    encoding: "utf8",
  });
}

interface Listed {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly data: Readonly<Record<string, string>>;
  readonly spec: unknown;
}

function list(kind: string, ...selector: readonly string[]): readonly Listed[] {
  const { items }: { items: readonly Listed[] } = JSON.parse(
    run(["get", kind, "--output", "json", ...selector]).stdout,
  );
  return items;
}

describe.skipIf(!existsSync(kubectl) || !existsSync(crd))(
  "rules and dashboards on a real API server (needs KUBEBUILDER_ASSETS and PROMETHEUS_OPERATOR_CRDS)",
  () => {
    beforeAll(async () => {
      control = await startControlPlane({ assets, manifests: [] });
      run(["apply", "--server-side", "--filename", crd]);
      run(["wait", "--for=condition=Established", "crd/prometheusrules.monitoring.coreos.com"]);
    });
    afterAll(() => control?.close());

    test("the variant for Azure has the dashboards alone, as ConfigMaps for the sidecar, each below 1 MiB", () => {
      expect(run(["apply", "--kustomize", `${MONITORING}/azure`])).toMatchObject({ status: 0, stderr: "" });
      expect(list("prometheusrules")).toEqual([]);
      const maps = list("configmaps", "--selector", "grafana_dashboard=1");
      expect(maps.map(({ data }) => Object.keys(data))).toEqual([
        ["aks-windows-fleet.json"],
        ["aks-windows-node.json"],
      ]);
      for (const [name, text] of maps.flatMap(({ data }) => Object.entries(data))) {
        expect(Buffer.byteLength(text)).toBeLessThan(MIB / 2);
        const file = path.join(ROOT, "monitoring/dashboards", name.replace("aks-windows-", ""));
        expect(text).toBe(readFileSync(file, "utf8"));
        expect(JSON.parse(text)).toMatchObject({ uid: name.replace(".json", "") });
      }
    });

    test("the operator's schema accepts the rules, which are those of the rule files, and not the optional ones", () => {
      expect(run(["apply", "--kustomize", MONITORING])).toMatchObject({ status: 0, stderr: "" });
      const required = ruleFiles.filter(({ name }) => name !== "app.yaml" && name !== "compat.yaml");
      expect(list("prometheusrules").map(specOf)).toEqual(required.map(expectedOf));
    });

    test("with its components, all of them", () => {
      const overlay = mkdtempSync(path.join(tmpdir(), "overlay-"));
      const relative = path.relative(overlay, path.join(ROOT, MONITORING));
      const components = ["app", "compat"].map((name) => `${relative}/${name}`);
      const content = { namespace: "monitoring", resources: [relative], components };
      writeFileSync(path.join(overlay, "kustomization.yaml"), JSON.stringify(content));
      expect(run(["apply", "--kustomize", overlay])).toMatchObject({ status: 0, stderr: "" });
      rmSync(overlay, { recursive: true });
      expect(list("prometheusrules").map(specOf)).toEqual(ruleFiles.map(expectedOf));
    });

    test("a duration that Prometheus does not know is refused", () => {
      const text = readFileSync(path.join(ROOT, MONITORING, "rules/coverage.yaml"), "utf8");
      const { status, stderr } = run(["create", "--filename", "-"], text.replace("for: 10m", 'for: "10 min"'));
      expect(status).toBe(1);
      expect(stderr).toContain("for");
      expect(parse(text)).toMatchObject({ kind: "PrometheusRule" });
    });
  },
);

const specOf = ({ metadata: { name, labels }, spec }: Listed) => ({
  name,
  part: labels["app.kubernetes.io/part-of"],
  spec,
});

function expectedOf({ name, groups }: (typeof ruleFiles)[number]) {
  return { name: `aks-windows-metrics-${name.replace(".yaml", "")}`, part: "aks-windows-metrics", spec: { groups } };
}
