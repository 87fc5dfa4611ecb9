import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasAssets, kubectl, runCommand } from "./kubectl.ts";
import { closeScene, openScene, publish, put, type Scene, win1, win2 } from "./machines.ts";
import { define, definitionsOf, type Operator, startOperator } from "./operator-config.ts";
import { monitorOf, overlayOf, renderJobs } from "./overlay-jobs.ts";
import { commandsOn, commandWith, fillIn, folderOf, type Overlay, OVERLAYS, readmeOf } from "./overlays.ts";
import { type Prometheus, SERVICE_ACCOUNT, startPrometheus } from "./prometheus.ts";

const folder = process.env["PROMETHEUS_DIR"] ?? "";
const program = process.env["PROMETHEUS_OPERATOR"] ?? "";
const definitions = process.env["PROMETHEUS_OPERATOR_CRDS"] ?? "";
const data = process.env["MONITORING_DATA"] ?? "";
const azureDefinition = path.join(data, "azmonitoring-servicemonitors-crd.yaml");
const files = [path.join(folder, "prometheus"), program, definitions, azureDefinition];
const isRunnable = hasAssets("kube-controller-manager", "kubectl") && data !== "" && files.every(existsSync);
const PATIENCE = { timeout: 30_000, interval: 250 };
const IN_NAMESPACE = ["--namespace", "monitoring"];
const OPERATOR_README = readmeOf("prometheus-operator");

const READY = win1(1, 3);
/** No exporter is proven on them. */
const NOT_READY = win2(4, 6);

/** A job in a Prometheus, with the overlay that it comes from. */
interface Job {
  readonly overlay: Overlay;
  readonly name: string;
  readonly prometheus: Prometheus;
}

let scene: Scene;
let operator: Operator;
const running: Prometheus[] = [];
let jobs: readonly Job[] = [];

const kube = () => scene.passes.world.kube;
const apply = (name: Overlay | "base"): string => kubectl(kube(), ["apply", "--kustomize", folderOf(name)]);

describe.skipIf(!isRunnable)(
  "the overlays (needs KUBEBUILDER_ASSETS, PROMETHEUS_DIR, PROMETHEUS_OPERATOR and MONITORING_DATA)",
  () => {
    beforeAll(async () => {
      scene = await openScene();
      await put(scene, [...READY, ...NOT_READY]);
      await publish(scene);
      define(kube(), [...definitionsOf(definitions), azureDefinition]);
      runCommand(kube(), commandWith(OPERATOR_README, "kubectl apply"));
      runCommand(kube(), commandWith(OPERATOR_README, "rolebinding", SERVICE_ACCOUNT));
      operator = await startOperator(kube(), program);
    });
    afterAll(async () => {
      for (const each of running) await each.close();
      await operator?.stop();
      if (scene) await closeScene(scene);
    });

    test("the real operator renders the ServiceMonitor once it is labelled, with either role", async () => {
      const loaded = await renderJobs(kube(), operator);
      const started = loaded.map(async (configs) => {
        const options = { folder, kube: kube(), proxyUrl: scene.fleet.proxyUrl, jobs: configs };
        const prometheus = await startPrometheus(options);
        running.push(prometheus);
        return configs.map(({ job_name: name }) => ({ name, overlay: overlayOf(name), prometheus }));
      });
      jobs = (await Promise.all(started)).flat();
      const plain = ["plain-prometheus", "plain-prometheus"];
      const operators = ["prometheus-operator", "prometheus-operator"];
      expect(jobs.map(({ overlay }) => overlay).toSorted()).toEqual([
        "azure-managed-prometheus",
        ...plain,
        ...operators,
      ]);
    });
    test.each(["base", ...OVERLAYS] as const)(
      "after %s is applied, only its jobs have targets: the ready nodes, once each",
      async (applied) => {
        expect(jobs).toHaveLength(5);
        apply(applied);
        const isActive = ({ overlay }: Job): boolean => applied === "base" || applied === overlay;
        for (const job of jobs.filter(isActive)) await expectTargets(job, targetsOf({}));
        for (const job of jobs.filter((each) => !isActive(each))) await expectTargets(job, []);
      },
    );

    test("the annotation of docs/prometheus.md adds the label cluster", async () => {
      expect(jobs).toHaveLength(5);
      const cluster = "shop-rg/shop";
      apply("base");
      runCommand(kube(), commandWith("docs/prometheus.md", "aks-windows-metrics/cluster", { CLUSTER: cluster }));
      for (const job of jobs) await expectTargets(job, targetsOf({ cluster }));
      // Applying the manifests again keeps the annotation.
      apply("base");
      for (const job of jobs) await expectTargets(job, targetsOf({ cluster }));
    });

    test("Azure's definition accepts its ServiceMonitor in a strict dry run, but no serviceDiscoveryRole", () => {
      const monitor = monitorOf(kube(), "azure-managed-prometheus");
      const limits = { labelLimit: 63, labelNameLengthLimit: 511, labelValueLengthLimit: 1023 };
      expect(monitor).toMatchObject({ apiVersion: "azmonitoring.coreos.com/v1", spec: limits });
      const strict = ["apply", "--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict"];
      const applied = kubectl(kube(), [...strict, "--kustomize", folderOf("azure-managed-prometheus")]);
      expect(applied).toContain("servicemonitor.azmonitoring.coreos.com/windows-exporter serverside-applied");
      const spec = { ...Object(monitor["spec"]), serviceDiscoveryRole: "EndpointSlice" };
      const refused = () => kubectl(kube(), [...strict, "--filename", "-"], JSON.stringify({ ...monitor, spec }));
      expect(refused).toThrow("serviceDiscoveryRole: field not declared in schema");
    });

    test("every command on the pages runs as printed, and those that remove an overlay remove it", () => {
      const values = { ...SERVICE_ACCOUNT, RELEASE: "stack", CLUSTER: "shop" };
      const commands = ["docs/prometheus.md", ...OVERLAYS.map(readmeOf)].flatMap(commandsOn);
      for (const command of commands) {
        // It exists already, and is the same in two overlays.
        const isBinding = command.includes("create rolebinding");
        if (isBinding) kubectl(kube(), ["delete", "rolebinding", "windows-exporter-discovery", ...IN_NAMESPACE]);
        expect(() => runCommand(kube(), fillIn(command, values))).not.toThrow();
      }
      const kinds = "servicemonitors.monitoring.coreos.com,servicemonitors.azmonitoring.coreos.com";
      const left = kubectl(kube(), ["get", kinds, ...IN_NAMESPACE, "--output", "name"]);
      expect(left).toBe("servicemonitor.monitoring.coreos.com/azure\n");
    });
  },
);

test.skipIf(!hasAssets("kubectl"))(
  "kustomize takes one overlay with the bindings in another namespace, and rejects two overlays (needs KUBEBUILDER_ASSETS)",
  async () => {
    const home = await mkdtemp(path.join(tmpdir(), "kustomization-"));
    const kustomize = async (...folders: readonly string[]): Promise<string> => {
      const resources = folders.map((each) => path.relative(home, path.resolve("infra/kubernetes", each)));
      await writeFile(path.join(home, "kustomization.yaml"), JSON.stringify({ namespace: "metrics", resources }));
      return kubectl({}, ["kustomize", home]);
    };
    const rendered = await kustomize("overlays/prometheus-operator", "bindings");
    expect(new Set(rendered.match(/^ +namespace: .*$/gm))).toEqual(new Set(["  namespace: metrics"]));
    await expect(kustomize("overlays/prometheus-operator", "overlays/plain-prometheus")).rejects.toThrow(
      "already registered id",
    );
    await rm(home, { recursive: true });
  },
);

/** Returns the targets as docs/prometheus.md promises them, with all their labels. */
function targetsOf(more: Readonly<Record<string, string>>): readonly object[] {
  return READY.map(({ name, pool, ip }) => ({
    labels: { job: "windows-exporter", instance: name, node: name, agentpool: pool, ...more },
    scrapeUrl: `http://${ip}:9182/metrics`,
  }));
}

async function expectTargets({ name, overlay, prometheus }: Job, expected: readonly object[]): Promise<void> {
  const found = async () => {
    const all = await prometheus.targets(name);
    const sorted = all.toSorted((a, b) => (a.scrapeUrl < b.scrapeUrl ? -1 : 1));
    return sorted.map(({ labels, scrapeUrl }) => ({ labels, scrapeUrl }));
  };
  await expect.poll(found, { ...PATIENCE, message: `targets of ${name} (${overlay})` }).toEqual(expected);
}
