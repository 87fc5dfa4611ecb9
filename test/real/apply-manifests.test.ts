import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KubeObject } from "../contracts/cluster-admin.ts";
import { readManifests } from "../manifests.ts";
import { cluster, emptyAzure, PRINCIPAL } from "../operate/azure.ts";
import { openOperator, type Operator } from "../operate/operator.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { PATIENCE } from "./published-cluster.ts";

const assets = process.env["KUBEBUILDER_ASSETS"] ?? "";
const kubectl = path.join(assets, "kubectl");
const isRunnable = assets !== "" && existsSync(kubectl) && process.platform !== "win32";
const APPLY = "infra/operate/apply-manifests.sh";
const BASE = "infra/kubernetes/base";
const BINDINGS = "infra/kubernetes/bindings";
const SHOP = cluster("shop");
/** One permission of each rule of the roles. */
const PERMISSIONS = [
  "list nodes",
  "get services/windows-exporter",
  "create endpoints/windows-exporter",
  "list endpointslices.discovery.k8s.io",
  "patch endpointslices.discovery.k8s.io/windows-exporter-0",
];
let control: ControlPlane;
let operator: Operator;

describe.skipIf(!isRunnable)("the manifests on a real API server (needs KUBEBUILDER_ASSETS with kubectl)", () => {
  beforeAll(async () => {
    control = await startControlPlane({ assets, manifests: [] });
    const kubeconfig = readFileSync(control.kubeconfigPath, "utf8");
    operator = openOperator(emptyAzure([{ ...SHOP, kubeconfig }]), { kubectl });
  });
  afterAll(async () => {
    operator?.remove();
    await control?.close();
  });

  test("apply-manifests.sh grants the permissions, and applying the base again changes none", async () => {
    expect(await apply(PRINCIPAL)).toMatchObject({ code: 0, err: "" });
    await expectAllowed(PRINCIPAL);
    const before = await bindings();
    await control.delete("Service", "windows-exporter");
    expect(runKubectl("apply", "--kustomize", BASE)).toMatchObject({ status: 0 });
    expect(await control.get("Service", "windows-exporter")).toBeDefined();
    expect(await bindings()).toEqual(before);
    expect(allowed(PRINCIPAL)).toEqual(PERMISSIONS);
  });

  test("applying the manifests again changes nothing", async () => {
    await apply(PRINCIPAL);
    const before = await bindings();
    const { code, out } = await apply(PRINCIPAL);
    expect(code).toBe(0);
    const results = out.trim().split("\n");
    expect(results).toHaveLength(5);
    expect(results.filter((line) => !line.endsWith(" unchanged"))).toEqual([]);
    expect(await bindings()).toEqual(before);
  });

  test("with --prometheus, it applies an overlay, which a later run without the option keeps", async () => {
    await runPrinted(await print(PRINCIPAL, "--prometheus", "plain-prometheus"));
    expect(chosenOverlay()).toBe("plain-prometheus");
    expect(await apply(PRINCIPAL)).toMatchObject({ code: 0, err: "" });
    expect(chosenOverlay()).toBe("plain-prometheus");
    expect(runKubectl("apply", "--kustomize", BASE)).toMatchObject({ status: 0 });
    expect(chosenOverlay()).toBe("");
    expect(await apply(PRINCIPAL, "--prometheus", "plain-prometheus")).toMatchObject({ code: 0, err: "" });
    expect(chosenOverlay()).toBe("plain-prometheus");
  });

  test("the permissions of another identity stay, with the names of bindings of earlier versions too", async () => {
    const [earlier, first, second] = [objectId(1), objectId(2), objectId(3)];
    for (const binding of readManifests(earlier).filter(({ kind }) => kind.endsWith("Binding"))) {
      await control.apply({ ...binding, metadata: { ...binding.metadata, name: "aks-windows-metrics" } });
    }
    for (const id of [first, second]) expect(await apply(id)).toMatchObject({ code: 0 });
    for (const id of [earlier, first, second]) await expectAllowed(id);
  });

  test("with --namespace, it grants the permissions in that namespace only, and creates it", async () => {
    const id = objectId(4);
    expect(await apply(id, "--namespace", "metrics")).toMatchObject({ code: 0, err: "" });
    await expectAllowed(id, "metrics");
    expect(allowed(id)).toEqual(["list nodes"]);
    expect(runKubectl("get", "service", "windows-exporter", "--namespace", "metrics")).toMatchObject({ status: 0 });
  });

  test.each(["monitoring", "printed"])("the commands of --print work as printed, in the namespace %s", async (name) => {
    const id = objectId(name === "printed" ? 5 : 6);
    const commands = await print(id, "--namespace", name);
    expect(allowed(id)).toEqual([]);
    await runPrinted(commands);
    await expectAllowed(id, name);
  });

  // For apply, kubectl itself rejects the name; for create, the API server does.
  test.each(["apply", "create"])("kubectl %s of the template of the bindings is rejected", async (command) => {
    const before = await bindings();
    const { status, stderr } = runKubectl(command, "--kustomize", BINDINGS);
    expect(status).toBe(1);
    expect(stderr).toContain("may not contain '%'");
    expect(await bindings()).toEqual(before);
  });

  test("the overlay in the comment of the template grants the permissions", async () => {
    const id = objectId(7);
    const text = readFileSync(path.join(operator.root, BINDINGS, "kustomization.yaml"), "utf8");
    const overlay = [...text.matchAll(/^# {3}(.*)$/gm)].map(([, line = ""]) => line.replace("OBJECT-ID", id));
    const folder = path.join(operator.root, "infra/kubernetes/overlay");
    mkdirSync(folder);
    writeFileSync(path.join(folder, "kustomization.yaml"), overlay.join("\n"));
    expect(runKubectl("apply", "--kustomize", folder)).toMatchObject({ status: 0 });
    await expectAllowed(id);
  });
});

const objectId = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;

function apply(id: string, ...more: readonly string[]): ReturnType<Operator["run"]> {
  return operator.run(APPLY, ["--principal", id, "--cluster", SHOP.id, ...more]);
}

async function print(id: string, ...more: readonly string[]): Promise<string> {
  const { code, out } = await apply(id, ...more, "--print");
  expect(code).toBe(0);
  return out;
}

async function runPrinted(commands: string): Promise<void> {
  writeFileSync(path.join(operator.root, "printed.sh"), `set -e\n${commands}`);
  expect(await operator.run("printed.sh")).toMatchObject({ code: 0 });
}

/** Returns the name of the overlay that the Service has. */
function chosenOverlay(): string {
  const output = "jsonpath={.metadata.annotations.aks-windows-metrics/prometheus}";
  return runKubectl("get", "service", "windows-exporter", "--namespace=monitoring", `--output=${output}`).stdout;
}

function runKubectl(...args: readonly string[]) {
  const given = ["--kubeconfig", control.kubeconfigPath, ...args];
  return spawnSync(kubectl, given, { cwd: operator.root, encoding: "utf8" });
}

/** Returns the permissions that the user has in the namespace. */
function allowed(user: string, namespace = "monitoring"): readonly string[] {
  return PERMISSIONS.filter((permission) => {
    const asked = ["auth", "can-i", ...permission.split(" "), "--as", user, "--namespace", namespace];
    return runKubectl(...asked).stdout.trim() === "yes";
  });
}

/** Waits, because the API server reads roles and bindings from a cache that lags by some milliseconds. */
async function expectAllowed(user: string, namespace?: string): Promise<void> {
  await expect.poll(() => allowed(user, namespace), PATIENCE).toEqual(PERMISSIONS);
}

/** Returns the app's bindings in the namespace `monitoring` and in the cluster, with their versions. */
async function bindings(): Promise<readonly KubeObject[]> {
  const all = [...(await control.list("RoleBinding")), ...(await control.list("ClusterRoleBinding"))];
  return all.filter(({ roleRef }) => (roleRef as { readonly name: string }).name === "aks-windows-metrics");
}
