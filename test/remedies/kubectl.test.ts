import { existsSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { startControlPlane } from "../real/control-plane.ts";
import { APP, openWorld } from "../world.ts";
import { openShell } from "./shell.ts";

const assets = process.env["KUBEBUILDER_ASSETS"] ?? "";
const hasPrograms = ["kube-apiserver", "kubectl"].every((each) => existsSync(path.join(assets, each)));
const isRunnable = assets !== "" && hasPrograms && process.platform !== "win32";

test.skipIf(!isRunnable)("kubectl has the credentials of az (needs KUBEBUILDER_ASSETS, not on Windows)", async () => {
  const world = await openWorld({ startKube: (manifests) => startControlPlane({ assets, manifests }) });
  const shell = await openShell(world);
  await world.kube.delete("Service", "windows-exporter");
  const apply = "bash infra/operate/apply-manifests.sh";
  expect(await shell.run(`${apply} --principal ${APP.oid} --cluster ${world.cluster.id}`)).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("service/windows-exporter created"),
  });
  expect(await world.kube.get("Service", "windows-exporter")).toBeDefined();
  const names = "--resource-group shop-rg --name shop --output none";
  const read = "kubectl --context shop --namespace monitoring get service windows-exporter --output name";
  expect(await shell.run(`az aks get-credentials ${names} && ${read}`)).toEqual({
    exitCode: 0,
    stdout: "service/windows-exporter\n",
    stderr: "",
  });
  await shell.stop();
  await world.stop();
});
